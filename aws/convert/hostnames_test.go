package convert_test

import (
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"hopscope/aws/convert"
)

func TestHostNamesAreThoseThatAValueUsesAsHosts(t *testing.T) {
	for _, tt := range []struct{ variable, value, want string }{
		{"ORDERS_URL", "http://orders:8080/v1?key=a.b", "a.b orders:8080"},
		{"ORDERS_URL", "http://Orders.Shop/v1", "orders.shop:80"},
		{"DB", "postgres://user:pass.word@db:5432/app", "db:5432"},
		{"DB", "jdbc:mysql://db.shop:3306/app", "db.shop:3306"},
		{"UPSTREAMS", "a:80,b:81 c.shop", "a:80 b:81 c.shop"},
		{"CONFIG", `{"api":"https://api.shop","retries":3}`, "api.shop:443"},
		{"ORDERS_HOST", "orders", "orders"},
		{"ORDERS_HOST", " orders ", "orders"},
		{"ORDERS_HOST", "orders or payments", ""},
		{"ENVIRONMENT", "orders", ""},
		{"PASSWORD", "correct horse", ""},
		{"EMPTY_URL", "", ""},
	} {
		d := ecstypes.TaskDefinition{ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Environment: []ecstypes.KeyValuePair{{Name: awssdk.String(tt.variable), Value: awssdk.String(tt.value)}},
		}}}
		if got := strings.Join(convert.HostNames(&d), " "); got != tt.want {
			t.Errorf("%s=%s names %q, want %q", tt.variable, tt.value, got, tt.want)
		}
	}
}
