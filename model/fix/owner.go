package fix

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"hopscope/model"
)

// Tool is what a service is described in.
type Tool string

// The tools that own services.
const (
	UnknownTool    Tool = ""
	CloudFormation Tool = "cloudformation"
	CDK            Tool = "cdk"
	Terraform      Tool = "terraform"
	Copilot        Tool = "copilot"
	Ecspresso      Tool = "ecspresso"
	Pulumi         Tool = "pulumi"
	ComposeX       Tool = "compose-x"
)

// Owner is who a service seems to belong to, by its tags. What is changed behind
// the owner's back is undone by its next deployment.
type Owner struct {
	Tool Tool `json:"tool,omitempty"`
	// Stack is the CloudFormation stack, LogicalID the service's id in it.
	Stack     string `json:"stack,omitempty"`
	LogicalID string `json:"logicalId,omitempty"`
	// Construct is the path of the resource's construct in the code of the CDK, without
	// those that the CDK adds; "" where the logical id does not prove it.
	Construct string `json:"construct,omitempty"`
	// Sure is false for a guess: other dialects are then shown as well.
	Sure bool `json:"sure,omitempty"`
	// Evidence is the tag that says so.
	Evidence string `json:"evidence,omitempty"`
}

// The tags that CloudFormation puts on what it makes.
const (
	stackTag     = "aws:cloudformation:stack-name"
	logicalIDTag = "aws:cloudformation:logical-id"
)

// cdkLogicalID is how the CDK ends logical ids: with eight digits of a hash. People
// may end theirs like that too.
var cdkLogicalID = regexp.MustCompile(`[0-9A-F]{8}$`)

// OwnerOf reads the owner from a service's tags.
func OwnerOf(s *model.Service) Owner { return OwnerByTags(s.Tags) }

// OwnerByTags reads the owner of a resource from its tags.
func OwnerByTags(tags map[string]string) Owner {
	if stack := tags[stackTag]; stack != "" {
		id := tags[logicalIDTag]
		o := Owner{Tool: CloudFormation, Stack: stack, LogicalID: id, Sure: true, Evidence: stackTag + " = " + stack}
		if cdkLogicalID.MatchString(id) {
			o.Tool, o.Sure = CDK, false
			o.Evidence = logicalIDTag + " = " + id + ", which ends like a logical id of the CDK"
		}
		return o
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		if isTerraform(key, value) {
			return Owner{Tool: Terraform, Sure: true, Evidence: key + " = " + model.ShownTag(key, value)}
		}
	}
	return Owner{}
}

// isTerraform knows the usual tags: terraform = true, managed-by = terraform, and
// what Terraform Cloud and common modules write.
func isTerraform(key, value string) bool {
	key, value = strings.ToLower(key), strings.ToLower(value)
	switch strings.NewReplacer("-", "", "_", "", ":", "", " ", "").Replace(key) {
	case "terraform", "tfmanaged", "terraformmanaged":
		return value != "false" && value != "no"
	case "managedby", "createdby", "provisioner", "provisionedby", "iac", "deployedby":
		return strings.HasPrefix(value, "terraform") || strings.HasPrefix(value, "opentofu")
	case "terraformworkspace", "terraformstack":
		return true
	}
	return false
}
