package fix_test

import (
	"strings"
	"testing"

	"hopscope/model"
	"hopscope/model/fix"
)

func TestTheOwnerIsReadFromTagsAndNames(t *testing.T) {
	stack := func(name, id string, more ...string) map[string]string {
		tags := map[string]string{"aws:cloudformation:stack-name": name, "aws:cloudformation:logical-id": id}
		for i := 0; i < len(more); i += 2 {
			tags[more[i]] = more[i+1]
		}
		return tags
	}
	for want, c := range map[string]struct {
		name string
		tags map[string]string
	}{
		"":                      {"web", nil},
		" a team":               {"web", map[string]string{"team": "terraform-lovers", "provisioner": "a person"}},
		"cloudformation shop":   {"web", stack("shop", "Backend")},
		"cdk shop Service":      {"web", stack("shop", "ServiceD69D759B")},
		"cdk? shop":             {"web", stack("shop", "ServiceD69D759C")},
		"cdk shop AppSg":        {"web", stack("shop", "AppSg898BCA4E")},
		"copilot shop-test-web": {"web", stack("shop-test-web", "Service", "copilot-service", "web")},
		"compose-x shop":        {"web", stack("shop", "EcsServiceDefinition", "compose-x::family", "web")},
		"ecs-console ECS-Console-V2-Service-web-prod-0a454f7f": {
			"web", stack("ECS-Console-V2-Service-web-prod-0a454f7f", "ECSService"),
		},
		"cloudformation tagged": {"web", stack("tagged", "Backend", "ManagedBy", "terraform")},
		"terraform":             {"web", map[string]string{"ManagedBy": "Terraform"}},
		"terraform module": {
			"web", map[string]string{"Repository": "https://github.com/terraform-aws-modules/terraform-aws-ecs"},
		},
		"terraform tofu":             {"web", map[string]string{"managed_by": "OpenTofu"}},
		"pulumi":                     {"web", map[string]string{"pulumi:Project": "shop"}},
		"pulumi sst":                 {"web", map[string]string{"sst:app": "shop"}},
		"pulumi? by name":            {"web-a1b2c3d", nil},
		" no suffix of Pulumi's":     {"web-2026112", nil},
		" a word":                    {"web-defaced", nil},
		"ecspresso":                  {"web", map[string]string{"DeployedBy": "ecspresso"}},
		"cloudformation? prod-shop":  {"prod-shop-Backend-1AbC2dE3fG4h", nil},
		" no suffix of a stack":      {"prod-shop-deployment01", nil},
		" terraform = false is none": {"web", map[string]string{"terraform": "false"}},
	} {
		o := fix.OwnerOf(&model.Service{Name: c.name, Tags: c.tags})
		sure := ""
		if o.Tool != fix.UnknownTool && !o.Sure {
			sure = "?"
		}
		got := strings.TrimSpace(string(o.Tool) + sure + " " + strings.TrimSpace(o.Stack+" "+o.Construct))
		if first := strings.TrimSpace(want); o.Tool == fix.UnknownTool && !strings.HasPrefix(want, " ") && want != "" ||
			o.Tool != fix.UnknownTool && !strings.HasPrefix(first, got) {
			t.Errorf("%q with %v belongs to %q, want %q", c.name, c.tags, got, want)
		}
		if (o.Tool == fix.UnknownTool) != (o.Evidence == "") || o.Text() == "" {
			t.Errorf("%q: %+v says %q", c.name, o, o.Text())
		}
	}
}

// What is said about drift is what the tools do: no more for CloudFormation than that an
// update which touches the resource puts it back.
func TestWhatIsSaidAboutDriftIsExact(t *testing.T) {
	for tool, want := range map[fix.Tool]string{
		fix.CloudFormation: "with the next update that touches the resource",
		fix.CDK:            "with the next update that touches the resource",
		fix.Copilot:        "with the next update that touches the resource",
		fix.ComposeX:       "with the next update that touches the resource",
		fix.Terraform:      "at the next apply that sees the difference",
		fix.Pulumi:         "with the next update of the resource, or after a refresh",
		fix.Ecspresso:      "ecspresso deploy sends the service definition",
		fix.ECSConsole:     "only when the service is updated in the console",
	} {
		o := fix.Owner{Tool: tool, Sure: true, Evidence: "a tag"}
		if got := o.Text(); !strings.Contains(got, want) || !strings.Contains(got, "(a tag)") || o.Name() == "" {
			t.Errorf("%s: %q", tool, got)
		}
	}
	if got := (fix.Owner{}).Text(); got != "Owner not known: if something deploys this service, change it there." {
		t.Errorf("of no owner it says %q", got)
	}
}

// A construct is named only where the hash proves it.
func TestNoConstructIsNamedWithoutProof(t *testing.T) {
	for _, id := range []string{"", "D69D759B", "BackendD69D759B", "Service d69d759b", "ServiceD69D759"} {
		tags := map[string]string{"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": id}
		if o := fix.OwnerByTags(tags); o.Construct != "" || o.Tool == fix.CDK && o.Sure {
			t.Errorf("%q is of %+v", id, o)
		}
	}
}
