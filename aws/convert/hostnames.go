package convert

import (
	"regexp"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// hostInText finds what may be a host in a value: what comes before it (a scheme, and a
// user with a password, which is left out), its name, and a port.
var hostInText = regexp.MustCompile(
	`(?:([a-z][a-z0-9+.-]*)://(?:[^/\s@]*@)?|@)?([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::([0-9]{1,5}))?`)

// hostVariables are what the names of variables end with whose value is a host.
var hostVariables = []string{
	"HOST", "HOSTNAME", "ADDR", "ADDRESS", "URL", "URI", "ENDPOINT", "SERVER", "UPSTREAM", "BACKEND",
}

// schemePorts are the ports that a scheme stands for.
var schemePorts = map[string]string{"http": "80", "https": "443", "ws": "80", "wss": "443"}

// HostNames are the hosts that the environment of a task definition names, as host or
// host:port, in lower case: to be compared with the names of endpoints and forgotten.
func HostNames(d *ecstypes.TaskDefinition) []string {
	var out []string
	for i := range d.ContainerDefinitions {
		for _, v := range d.ContainerDefinitions[i].Environment {
			out = appendHosts(out, awssdk.ToString(v.Name), awssdk.ToString(v.Value))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// appendHosts appends the hosts of one variable. A word alone is a host where the
// variable's name says so: "web" is more often the name of an environment or of a role.
func appendHosts(to []string, variable, value string) []string {
	variable = strings.ToUpper(variable)
	named := slices.ContainsFunc(hostVariables, func(end string) bool { return strings.HasSuffix(variable, end) })
	for _, m := range hostInText.FindAllStringSubmatch(strings.ToLower(value), -1) {
		scheme, host, port := m[1], m[2], m[3]
		whole := named && len(m[0]) == len(strings.TrimSpace(value))
		if scheme == "" && port == "" && !strings.Contains(host, ".") && !whole {
			continue
		}
		if port == "" {
			port = schemePorts[scheme]
		}
		if port != "" {
			host += ":" + port
		}
		to = append(to, host)
	}
	return to
}
