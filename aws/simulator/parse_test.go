package simulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_a_mistake_in_a_world_is_one_sentence_that_names_the_place(t *testing.T) {
	for _, c := range []struct{ world, want string }{
		{`{"services": [{"name": "web", "task": "x"}]}`, `services[0] "web": unknown field "task"`},
		{"{\n \"services\": [\n}", "line 3: invalid character '}' looking for beginning of value"},
		{`{"colour": "red"}`, `unknown field "colour"`},
		{
			`{"services": [{"name": "web", "desiredCount": "two"}]}`,
			`services[0] "web": desiredCount: a JSON string does not fit here`,
		},
		{`{} {}`, "there is something behind the closing brace"},
		{`{"services": [{"name": "web"}]}`, `services[0] "web": task definition "web" is not defined`},
		{
			`{"securityGroups": [{"name": "web", "ingress": [{"ports": 70000, "cidr": "10.0.0.0/8"}]}]}`,
			`securityGroups[0] "web": "70000" is not a port: write a number from 0 to 65535, or a range such as "8000-8010"`,
		},
		{
			`{"securityGroups": [{"name": "web", "ingress": [{"ports": "90-80", "cidr": "10.0.0.0/8"}]}]}`,
			`securityGroups[0] "web": port range "90-80" ends before it begins`,
		},
		{
			`{"securityGroups": [{"name": "web", "ingress": [{"ports": 80}]}]}`,
			`securityGroups[0] "web": ingress[0]: it needs exactly one of cidr, group and prefixList`,
		},
		{
			`{"securityGroups": [{"name": "web", "egress": [{"group": "db"}]}]}`,
			`securityGroups[0] "web": egress[0]: security group "db" is not defined`,
		},
		{
			`{"securityGroups": [{"name": "web"}, {"name": "web"}]}`,
			`securityGroups[1] "web": security group "web" is defined twice`,
		},
		{
			`{"subnets": [{"name": "a", "cidr": "10.0.0.0"}]}`,
			`subnets[0] "a": "10.0.0.0" is not a CIDR block such as 10.0.0.0/16`,
		},
		{
			`{"loadBalancers": [{"name": "alb", "listeners": [{"port": 80, "default": {"forward": "web"}}]}]}`,
			`loadBalancers[0] "alb": listener 80: target group "web" is not defined`,
		},
		{
			`{"loadBalancers": [{"name": "alb", "listeners": [{"port": 80, "default": {}}]}]}`,
			`loadBalancers[0] "alb": listener 80: an action is exactly one of forward, redirect and fixedResponse`,
		},
		{
			`{"targetGroups": [{"name": "t", "targets": [{"port": 80}]}]}`,
			`targetGroups[0] "t": a target is exactly one of address, loadBalancer and service`,
		},
		{
			`{"clusters": [{"name": "c"}], "targetGroups": [{"name": "t", "targets": [{"service": "web", "port": 80}]}]}`,
			`targetGroups[0] "t": service "c/web" is not defined`,
		},
		{
			`{"clusters": [{"name": "c"}], "gatewayRoutes": [{"gateway": "g", "service": "web", "portName": "http"}]}`,
			`gatewayRoutes[0] "g": service "c/web" is not defined`,
		},
		{`{"gateways": [{"name": "g", "loadBalancer": "lb"}]}`, `gateways[0] "g": load balancer "lb" is not defined`},
		{
			`{"taskDefinitions": [{"family": "w"}], "services": [{"name": "w", "ingressPaths": [{}]}]}`,
			`services[0] "w": ingressPaths belong to a service with the resourceManagementType ECS`,
		},
		{
			`{"taskDefinitions": [{"family": "w"}], "targetGroups": [{"name": "t"}], "services": [{"name": "w",
			 "resourceManagementType": "ECS", "ingressPaths": [{"targetGroup": "t", "rule": "lb:80/7"}]}]}`,
			`services[0] "w": there is no rule "lb:80/7"; write one as load-balancer:port/priority`,
		},
		{
			`{"faults": {"fail": [{"action": "ecs:*", "with": "bad luck"}]}}`,
			`faults.fail[0] "ecs:*": there is no failure "bad luck"; choose one of access-denied, `,
		},
	} {
		_, err := ParseWorld([]byte(c.world))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\n gives %v\nwant %s", c.world, err, c.want)
		}
	}
}

func Test_an_unknown_world_is_answered_with_the_choices(t *testing.T) {
	_, err := Load("atlantis")
	if want := `there is no world "atlantis"; choose one of article, shop`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func Test_a_world_file_is_read_and_its_errors_name_it(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.json")
	if err := os.WriteFile(file, []byte(`{"clusters": [{"name": "c"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if w, err := LoadFile(file); err != nil || w.Clusters[0].Name != "c" {
		t.Errorf("%v, %v", w, err)
	}
	if err := os.WriteFile(file, []byte(`{"clusters": [{}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFile(file); err == nil || err.Error() != file+": clusters[0]: it has no name" {
		t.Error(err)
	}
	if _, err := LoadFile("/dev/zero"); err == nil || !strings.Contains(err.Error(), "more than 32 MiB") {
		t.Error(err)
	}
	if _, err := LoadFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Error(err)
	}
	if _, err := LoadFile(file + ".gone"); err == nil || !strings.HasPrefix(err.Error(), "read the world: ") {
		t.Error(err)
	}
}

func Test_a_world_is_the_same_after_writing_and_reading_it(t *testing.T) {
	for _, name := range Worlds() {
		w := load(t, name)
		data, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseWorld(data)
		if err != nil {
			t.Fatal(err)
		}
		if data2, err := json.Marshal(again); err != nil || cmp.Diff(string(data), string(data2)) != "" {
			t.Errorf("%s: %s, %v", name, cmp.Diff(string(data), string(data2)), err)
		}
	}
}

// FuzzParseWorld looks for worlds that pass the check and break the simulator.
func FuzzParseWorld(f *testing.F) {
	// Small seeds: the fuzzer minimizes what it finds, and a built-in world
	// keeps it busy for a minute.
	for _, seed := range []string{
		`{"subnets": [{"name": "a", "ipv6Cidr": "::/64"}], "services": [{"name": "w", "desiredCount": 3}],
		 "taskDefinitions": [{"family": "w"}]}`,
		`{"targetGroups": [{"name": "t", "healthCheck": {"port": "81"}, "targets": [{"address": "10.0.0.9", "port": 80}]}],
		 "loadBalancers": [{"name": "l",
		 "listeners": [{"port": 80, "default": {"redirect": {}}, "rules": [{"priority": 1,
		  "conditions": [{"field": "query-string", "values": ["a=b"]}],
		 "action": {"forward": [{"targetGroup": "t", "weight": 1}]}}]}]}]}`,
		`{"taskDefinitions": [{"family": "w", "networkMode": "bridge", "containers": [{"name": "c",
		 "portMappings": [{"name": "p", "containerPort": 80}]}]}],
		 "targetGroups": [{"name": "t"}], "loadBalancers": [{"name": "l", "listeners": [{"port": 80,
		  "default": {"forward": "t"}}]}],
		 "namespaces": [{"name": "n"}], "services": [{"name": "w", "loadBalancers": [{"targetGroup": "t",
		  "containerName": "c", "containerPort": 80}],
		 "serviceConnect": {"enabled": true, "namespace": "n", "services": [{"portName": "p"}]},
		  "previousDeployments": [{"runningCount": 1}]}]}`,
		`{"prefixLists": [{"name": "p", "entries": ["10.0.0.0/8"]}], "securityGroups": [{"name": "g",
		 "ingress": [{"ports": "1-2", "prefixList": "p"}], "egress": []}],
		 "networkAcls": [{"name": "n", "entries": [{"number": 1, "action": "deny", "cidr": "::/0", "ports": 80}]}],
		  "faults": {"fail": [{"action": "*", "with": "cut"}]}}`,
		`{"taskDefinitions": [{"family": "w", "containers": [{"name": "c", "portMappings": [{"name": "p",
		 "containerPort": 80}]}]}],
		 "targetGroups": [{"name": "t", "targets": [{"service": "w", "port": 81}]}], "loadBalancers": [{"name": "l",
		  "listeners": [{"port": 80, "default": {"forward": "t"}}]}],
		 "gateways": [{"name": "g", "loadBalancer": "l"}], "gatewayRoutes": [{"gateway": "g", "service": "w",
		  "portName": "p", "targetGroup": "t", "rule": "l:80/default"}],
		 "services": [{"name": "w", "resourceManagementType": "ECS", "ingressPaths": [{"targetGroup": "t",
		  "containerPort": 80, "rule": "l:80"}],
		 "vpcLattice": [{"portName": "p", "targetGroup": "x"}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := ParseWorld(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is more than a line: %q", err)
			}
			return
		}
		s := New(w, Options{})
		ask := func(action string, r *request) {
			if _, err := s.operations[action].handle(r); err != nil {
				t.Errorf("%s: %v", action, err)
			}
		}
		asJSON := func(members object) *request { return &request{body: raw(members)} }
		for _, c := range s.resources.clusters.all {
			for _, svc := range c.services {
				ask("ecs:DescribeServices", asJSON(object{"cluster": c.arn, "services": []string{svc.arn}}))
				for _, d := range svc.history {
					ask("ecs:DescribeServiceRevisions", asJSON(object{"serviceRevisionArns": []string{d.revisionARN}}))
					ask("ecs:DescribeServiceDeployments", asJSON(object{"serviceDeploymentArns": []string{d.serviceDeploymentARN}}))
				}
			}
		}
		for _, g := range s.resources.balancing.targetGroups {
			ask("elasticloadbalancing:DescribeTargetHealth", &request{params: params{"TargetGroupArn": {g.arn}}})
		}
		ask("ec2:DescribeNetworkInterfaces", &request{params: params{}})
	})
}
