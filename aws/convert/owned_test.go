package convert

import (
	"testing"
	"unsafe"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"hopscope/model"
)

// The SDK's strings are parts of a block: a row must not keep it.
func TestARowKeepsNothingOfTheAnswer(t *testing.T) {
	block := []byte("arn:aws:ecs:eu-west-1:1:task-definition/web:7 web prod sg-1")
	cut := func(from, to int) string { return unsafe.String(&block[from], to-from) }
	answer := ecstypes.Service{
		ServiceName: awssdk.String(cut(46, 49)), TaskDefinition: awssdk.String(cut(0, 45)),
		ClusterArn: awssdk.String(cut(50, 54)),
		Deployments: []ecstypes.Deployment{{
			Id: awssdk.String(cut(50, 54)), Status: awssdk.String(cut(46, 49)), TaskDefinition: awssdk.String(cut(0, 45)),
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{
				SecurityGroups: []string{cut(55, 59)},
			}},
		}},
	}
	row := Service(&answer)
	want := Service(&answer)
	for i := range block {
		block[i] = 'x' // the answer's block is used again
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Error(diff)
	}
	if row.Name != "web" || row.Deployments[0].Network.SecurityGroups[0] != "sg-1" {
		t.Errorf("the row kept the answer's strings: %+v", row)
	}
}

func TestEqualStringsOfARowAreOne(t *testing.T) {
	row := owned(model.SecurityGroup{
		ID: string([]byte("sg-1")), Name: string([]byte("sg-1")), Tags: map[string]string{"a": "b"},
	})
	if unsafe.StringData(row.ID) != unsafe.StringData(row.Name) {
		t.Error("two copies")
	}
	if row.Tags["a"] != "b" || len(row.Tags) != 1 {
		t.Errorf("tags %v", row.Tags)
	}
}

func BenchmarkOwned(b *testing.B) {
	answer := ecstypes.Service{
		ServiceName: awssdk.String("web"), TaskDefinition: awssdk.String("arn:aws:ecs:eu-west-1:1:task-definition/web:7"),
		Deployments: []ecstypes.Deployment{{Id: awssdk.String("d"), NetworkConfiguration: &ecstypes.NetworkConfiguration{
			AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{SecurityGroups: []string{"sg-1"}, Subnets: []string{"subnet-1"}},
		}}},
	}
	b.ReportAllocs()
	for b.Loop() {
		Service(&answer)
	}
}
