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
	// ECSConsole is the console of ECS, which makes services by stacks of its own.
	ECSConsole Tool = "ecs-console"
)

// Owner is who a service seems to belong to, by its tags or its name.
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
	// Evidence is the tag or the name that says so.
	Evidence string `json:"evidence,omitempty"`
}

// The tags that CloudFormation puts on what it makes.
const (
	stackTag     = "aws:cloudformation:stack-name"
	logicalIDTag = "aws:cloudformation:logical-id"
)

// consoleStack begins the stacks that the console of ECS makes: nothing else deploys
// them.
const consoleStack = "ECS-Console-V2-Service-"

// OwnerOf reads the owner from a service's tags, or guesses it by its name.
func OwnerOf(s *model.Service) Owner {
	if o := OwnerByTags(s.Tags); o.Tool != UnknownTool {
		return o
	}
	return ownerByName(s.Name)
}

// OwnerByTags reads the owner of a resource from its tags. A tool that works by
// CloudFormation is known by its own tags, which stand beside those of the stack.
func OwnerByTags(tags map[string]string) Owner {
	o := ownerByStack(tags)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		tool := toolOfTag(key, tags[key])
		if tool == UnknownTool || o.Stack != "" && tool != Copilot && tool != ComposeX {
			continue
		}
		o.Tool, o.Sure, o.Evidence = tool, true, key+" = "+model.ShownTag(key, tags[key])
		return o
	}
	return o
}

// ownerByStack reads the owner from CloudFormation's own tags.
func ownerByStack(tags map[string]string) Owner {
	stack := tags[stackTag]
	if stack == "" {
		return Owner{}
	}
	id := tags[logicalIDTag]
	o := Owner{Tool: CloudFormation, Stack: stack, LogicalID: id, Sure: true, Evidence: stackTag + " = " + stack}
	switch path := constructOf(id); {
	case strings.HasPrefix(stack, consoleStack):
		o.Tool = ECSConsole
	case path != "":
		o.Tool, o.Construct = CDK, path
		o.Evidence = logicalIDTag + " = " + id + ", which is the CDK's for the construct " + path
	case cdkLogicalID.MatchString(id):
		o.Tool, o.Sure = CDK, false
		o.Evidence = logicalIDTag + " = " + id + ", which ends like a logical id of the CDK"
	}
	return o
}

// toolOfTag knows the tags that tools leave:
//   - copilot-application, copilot-environment and copilot-service of AWS Copilot
//     (aws/copilot-cli, internal/pkg/deploy);
//   - compose-x::name, compose-x::family, compose-x::logical_name (compose-x/ecs_composex);
//   - sst:app and sst:stage, which SST gives to Pulumi as tags of everything
//     (sst/sst, platform/src);
//   - what people write of the tools that leave none: Terraform, Pulumi and ecspresso,
//     such as pulumi:project, terraform = true, ManagedBy = terraform, or the repository
//     of a module of terraform-aws-modules, as its examples do.
func toolOfTag(key, value string) Tool {
	key, value = strings.ToLower(key), strings.ToLower(value)
	for prefix, tool := range map[string]Tool{
		"copilot-application": Copilot, "copilot-environment": Copilot, "copilot-service": Copilot,
		"compose-x::": ComposeX, "pulumi:": Pulumi, "sst:": Pulumi,
	} {
		if strings.HasPrefix(key, prefix) {
			return tool
		}
	}
	if strings.Contains(value, "terraform-aws-modules/") {
		return Terraform
	}
	switch strings.NewReplacer("-", "", "_", "", ":", "", " ", "").Replace(key) {
	case "terraform", "tfmanaged", "terraformmanaged":
		if value != "false" && value != "no" {
			return Terraform
		}
	case "managedby", "createdby", "provisioner", "provisionedby", "iac", "deployedby":
		for prefix, tool := range map[string]Tool{
			"terraform": Terraform, "terragrunt": Terraform, "opentofu": Terraform, "pulumi": Pulumi,
			"ecspresso": Ecspresso, "copilot": Copilot,
		} {
			if strings.HasPrefix(value, prefix) {
				return tool
			}
		}
	case "terraformworkspace", "terraformstack":
		return Terraform
	}
	return UnknownTool
}

// cfnName is a name that CloudFormation makes for a resource without one: stack, logical
// id, and twelve or thirteen letters and digits.
var cfnName = regexp.MustCompile(`^([A-Za-z][-A-Za-z0-9]*)-([A-Za-z0-9]+)-([A-Za-z0-9]{12,13})$`)

// pulumiName is a name that Pulumi makes: the resource's, and seven hexadecimal digits
// (pulumi.com/docs/iac/concepts/resources/names).
var pulumiName = regexp.MustCompile(`^.+-([0-9a-f]{7})$`)

// ownerByName guesses the owner by a name that a tool may have made. A suffix of letters
// alone, or of digits alone, may well be a word or a date.
func ownerByName(name string) Owner {
	const upper, lower, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdef", "0123456789"
	if m := cfnName.FindStringSubmatch(name); m != nil && strings.ContainsAny(m[3], upper) &&
		strings.ContainsAny(m[3], digits) {
		return Owner{
			Tool: CloudFormation, Stack: m[1], LogicalID: m[2],
			Evidence: "its name " + name + ", which is made like CloudFormation's",
		}
	}
	if m := pulumiName.FindStringSubmatch(name); m != nil && strings.ContainsAny(m[1], digits) &&
		strings.ContainsAny(m[1], lower) {
		return Owner{Tool: Pulumi, Evidence: "its name " + name + ", which ends like Pulumi's"}
	}
	return Owner{}
}
