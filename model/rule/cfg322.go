package rule

import (
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/words"
)

// namespaceAmbiguous is CFG322.
func namespaceAmbiguous() Rule {
	return Rule{
		Code: "CFG322", Title: "A namespace is referred to by a name that several have", Severity: Warning,
		Needs: slices.Concat(serviceFacts, namespaceFacts),
		check: checkNamespaceAmbiguous,
		Doc: Doc{
			What: "Services name their Service Connect namespace by a name that two or more Cloud Map namespaces have.",
			Why: "Which one it is cannot be seen. Services that look as if they shared a namespace may not, and " +
				"then do not find each other; every path through the name is unknown.",
			Detection: "serviceConnectConfiguration.namespace, or the cluster's default, is a name that ListNamespaces " +
				"gives to several namespaces. Reported once for a name, at the first service that uses it.",
			FalsePositive: "None known: ECS resolves the name somehow, but does not say how.",
			Fix:           "Refer to the namespace by its ARN in every service, and delete the one that is not needed.",
			Source:        "aws/aws-cdk#25616, #25891; API reference, ServiceConnectConfiguration.namespace.",
		},
	}
}

func checkNamespaceAmbiguous(c *Case) {
	var seen []string
	for _, d := range c.Running {
		if !d.ServiceConnect.Active() {
			continue
		}
		key, missing := c.Index.NamespaceOf(c.Service, d.ServiceConnect)
		if missing != nil && missing.State != model.Ambiguous {
			c.lack(missing)
		}
		refs := c.Ambiguous[key.Name]
		if missing == nil || missing.State != model.Ambiguous || refs[0] != c.Service.Ref() ||
			slices.Contains(seen, key.Name) {
			continue
		}
		seen = append(seen, key.Name)
		c.report(ambiguousFinding(c, d, key.Name, refs))
	}
}

func ambiguousFinding(c *Case, d *model.Deployment, name string, refs []model.Ref) Finding {
	all := c.Index.Snapshot.Namespaces
	return Finding{Paths: c.pathsOf(d), about: name, text: func(*Finding) Text {
		var arns []string
		for _, n := range all {
			if n.Name == name || n.HTTPName == name {
				arns = append(arns, n.ARN)
			}
		}
		return Text{
			Title: fmt.Sprintf("Which namespace %s means cannot be told: %d have that name", name, len(arns)),
			Detail: fmt.Sprintf("%s in Service Connect's namespace %s, by name, and %d Cloud Map namespaces have that name. "+
				"They may be in different ones, and then do not find each other.", inNamespace(refs), name, len(arns)),
			Evidence: []reach.Evidence{
				fact(model.DescribeServices, "%s: serviceConnectConfiguration.namespace = %s",
					refs[0], namespaceOf(d)),
				fact(model.ListNamespaces, "namespaces named %s: %s", name, strings.Join(arns, ", ")),
			},
		}
	}}
}

// inNamespace says that services are in something.
func inNamespace(refs []model.Ref) string {
	if len(refs) == 1 {
		return refs[0].Service + " is"
	}
	return words.Services(refs) + " are"
}
