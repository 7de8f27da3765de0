package fix

import "strings"

// Name is what the owner is called in a sentence; a guess is said to be one.
func (o Owner) Name() string {
	name := map[Tool]string{
		CloudFormation: "CloudFormation", CDK: "the CDK", Terraform: "Terraform", Copilot: "AWS Copilot",
		Ecspresso: "ecspresso", Pulumi: "Pulumi", ComposeX: "ECS Compose-X", ECSConsole: "the console of ECS",
	}[o.Tool]
	if o.Tool == CDK && !o.Sure {
		name = "CloudFormation, perhaps the CDK"
	} else if !o.Sure {
		name = "perhaps " + name
	}
	if o.Stack != "" {
		name += ", stack " + o.Stack
	}
	return name
}

// UnknownOwner is said of a service that no tag and no name gives an owner.
const UnknownOwner = "Owner not known: if something deploys this service, change it there."

// Text says who owns the service, and when a change by API is put back.
func (o Owner) Text() string {
	if o.Tool == UnknownTool {
		return UnknownOwner
	}
	text := "Owned by " + o.Name() + " (" + o.Evidence + ")"
	if o.LogicalID != "" && !strings.Contains(o.Evidence, o.LogicalID) {
		text += ", logical id " + o.LogicalID
	}
	return text + ". Make the change there: " + o.Drift()
}

// Drift says when the owner puts back what was changed by API.
func (o Owner) Drift() string {
	switch o.Tool {
	case CloudFormation, CDK, Copilot, ComposeX:
		// The block is a write-only property: drift detection does not see it.
		return "what was changed by API is put back with the next update that touches the resource, and drift detection " +
			"does not see a Service Connect block."
	case ECSConsole:
		return "what was changed by API is put back only when the service is updated in the console."
	case Terraform:
		return "what was changed by API is put back at the next apply that sees the difference; versions of the AWS " +
			"provider before August 2025 do not see it in a Service Connect block."
	case Pulumi:
		return "what was changed by API is put back with the next update of the resource, or after a refresh."
	case Ecspresso:
		return "ecspresso deploy sends the service definition, and puts back what was changed by API."
	case UnknownTool:
	}
	return ""
}
