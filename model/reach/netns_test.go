//go:build netns && linux

package reach

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hopscope/model"
)

// The kernel as judge. For random task configurations this test builds a task's
// network namespace with the very nat rules that ECS installs (docs/traffic.md,
// Who handles a request, from amazon-vpc-cni-plugins, plugins/ecs-serviceconnect),
// starts an agent and the apps in it as processes, connects from another namespace and from
// inside to every port, and compares where the connection lands with what
// [version.intercept] says.
//
//	go test -tags netns -run TestTheKernelAgrees -v ./model/reach
//
// It needs root, iproute2 and iptables, and skips without them.

const (
	kernelConfigurations = 300
	kernelSeed           = 20261122
	taskNamespace        = "hopscope-task"
	outsideNamespace     = "hopscope-outside"
	taskAddress          = "192.0.2.2"
	outsideAddress       = "192.0.2.1"
	loopback             = "127.0.0.1"
	// roleVariable makes the test binary a server or a client in a namespace.
	roleVariable = "HOPSCOPE_NETNS_ROLE"
)

func TestMain(m *testing.M) {
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(m.Run())
	case "dial":
		dialPorts(os.Stdin, os.Stdout)
	default:
		servePorts(role, os.Stdin, os.Stdout)
	}
}

// serveRequest asks a server process to listen.
type serveRequest struct{ Ports []int }

// servePorts listens on every port on all addresses and answers each connection
// with its role. It reports the ports that it could not bind, and ends with its
// standard input.
func servePorts(role string, in io.Reader, out io.Writer) {
	var req serveRequest
	input := bufio.NewReader(in)
	if err := json.NewDecoder(input).Decode(&req); err != nil {
		panic(err)
	}
	taken := []int{}
	for _, port := range req.Ports {
		l, err := net.Listen("tcp4", fmt.Sprint(":", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			taken = append(taken, port)
			continue
		}
		if err != nil {
			panic(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				fmt.Fprintln(c, role)
				c.Close()
			}
		}()
	}
	if err := json.NewEncoder(out).Encode(taken); err != nil {
		panic(err)
	}
	io.Copy(io.Discard, input)
}

// dialRequest asks for connections to ports of an address.
type dialRequest struct {
	Address string
	Ports   []int
}

// refused is the answer of a port on which no process listens.
const refused = "refused"

func dialPorts(in io.Reader, out io.Writer) {
	var req dialRequest
	if err := json.NewDecoder(in).Decode(&req); err != nil {
		panic(err)
	}
	answers := map[int]string{}
	for _, port := range req.Ports {
		c, err := net.DialTimeout("tcp4", net.JoinHostPort(req.Address, strconv.Itoa(port)), 5*time.Second)
		if err != nil {
			answers[port] = refused
			continue
		}
		who, _ := io.ReadAll(c)
		c.Close()
		answers[port] = strings.TrimSpace(string(who))
	}
	if err := json.NewEncoder(out).Encode(answers); err != nil {
		panic(err)
	}
}

// kernel is a pair of namespaces joined by a veth.
type kernel struct{ t *testing.T }

func newKernel(t *testing.T) *kernel {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the kernel test needs root: network namespaces and nat rules")
	}
	for _, tool := range []string{"ip", "iptables"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the kernel test needs %s (Debian: iproute2, iptables)", tool)
		}
	}
	k := &kernel{t}
	k.remove()
	if out, err := exec.Command("ip", "netns", "add", taskNamespace).CombinedOutput(); err != nil {
		t.Skipf("the kernel test cannot make network namespaces here: %v: %s", err, out)
	}
	t.Cleanup(k.remove)
	k.run("ip", "netns", "add", outsideNamespace)
	k.run("ip", "-n", taskNamespace, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns",
		outsideNamespace)
	for ns, address := range map[string]string{taskNamespace: taskAddress, outsideNamespace: outsideAddress} {
		k.run("ip", "-n", ns, "addr", "add", address+"/24", "dev", "eth0")
		k.run("ip", "-n", ns, "link", "set", "eth0", "up")
		k.run("ip", "-n", ns, "link", "set", "lo", "up")
	}
	k.nat("-N", "ECS_SERVICE_CONNECT_INGRESS")
	k.nat("-A", "PREROUTING", "-p", "tcp", "-m", "addrtype", "!", "--src-type", "LOCAL", "-j",
		"ECS_SERVICE_CONNECT_INGRESS")
	return k
}

func (k *kernel) remove() {
	for _, ns := range []string{taskNamespace, outsideNamespace} {
		_ = exec.Command("ip", "netns", "del", ns).Run() // it may not be there
	}
}

func (k *kernel) run(name string, args ...string) {
	k.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		k.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

func (k *kernel) nat(args ...string) {
	k.t.Helper()
	k.run("ip", append([]string{"netns", "exec", taskNamespace, "iptables", "-w", "-t", "nat"}, args...)...)
}

// process starts the test binary in a namespace with a role.
func (k *kernel) process(namespace, role string) (*exec.Cmd, io.WriteCloser, *bufio.Reader) {
	k.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", namespace, os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	return cmd, in, bufio.NewReader(out)
}

// serve starts a server and returns the ports that were taken already, and how
// to stop it.
func (k *kernel) serve(role string, ports []int) (taken []int, stop func()) {
	k.t.Helper()
	cmd, in, out := k.process(taskNamespace, role)
	k.exchange(in, out, serveRequest{ports}, &taken)
	return taken, func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			k.t.Errorf("%s: %v", role, err)
		}
	}
}

// dial tells who answers on each port.
func (k *kernel) dial(namespace, address string, ports []int) map[int]string {
	k.t.Helper()
	var answers map[int]string
	cmd, in, out := k.process(namespace, "dial")
	k.exchange(in, out, dialRequest{address, ports}, &answers)
	in.Close()
	if err := cmd.Wait(); err != nil {
		k.t.Errorf("dial: %v", err)
	}
	return answers
}

func (k *kernel) exchange(in io.Writer, out io.Reader, question, answer any) {
	k.t.Helper()
	if err := json.NewEncoder(in).Encode(question); err != nil {
		k.t.Fatal(err)
	}
	if err := json.NewDecoder(out).Decode(answer); err != nil {
		k.t.Fatal(err)
	}
}

// The universe of ports: few enough that collisions are common.
var (
	kernelContainerPorts = []int{80, 81, 8080, 9000, 9001}
	kernelOverrides      = []int{0, 0, 0, 8080, 9000, 20000, 20001}
	kernelPorts          = []int{80, 81, 8080, 9000, 9001, 20000, 20001, 30000}
)

// randomTask draws a task definition and its Service Connect configuration.
func randomTask(rng *rand.Rand) *version {
	td := &model.TaskDefinition{Family: "random", Revision: 1, NetworkMode: awsvpc}
	ports := slices.Clone(kernelContainerPorts)
	rng.Shuffle(len(ports), func(i, j int) { ports[i], ports[j] = ports[j], ports[i] })
	ports = ports[:1+rng.IntN(4)]
	var names []string
	for len(ports) > 0 {
		n := 1 + rng.IntN(len(ports))
		c := model.Container{Name: fmt.Sprintf("app%d", len(td.Containers))}
		for _, port := range ports[:n] {
			name := fmt.Sprintf("port-%d", port)
			names = append(names, name)
			c.PortMappings = append(c.PortMappings, model.PortMapping{
				Name: name, ContainerPort: port, HostPort: port,
				Protocol: tcp,
			})
		}
		td.Containers = append(td.Containers, c)
		ports = ports[n:]
	}
	sc := &model.ServiceConnect{Enabled: rng.IntN(8) != 0, Namespace: "ns"}
	for range rng.IntN(4) {
		sc.Services = append(sc.Services, model.ServiceConnectService{
			PortName: names[rng.IntN(len(names))], IngressPortOverride: kernelOverrides[rng.IntN(len(kernelOverrides))],
		})
	}
	return &version{service: &model.Service{Name: "random"}, deployment: &model.Deployment{ServiceConnect: sc}, task: td}
}

// plan is what ECS sets up for a task: the ports that the agent binds itself, the
// redirections to its random listeners, and the ports of the apps.
func plan(v *version, rng *rand.Rand) (bound []int, redirects map[int]int, apps []int) {
	redirects = map[int]int{}
	for i := range v.task.Containers {
		for _, m := range v.task.Containers[i].PortMappings {
			apps = append(apps, m.ContainerPort)
		}
	}
	sc := v.deployment.ServiceConnect
	if !sc.Active() {
		return nil, redirects, apps
	}
	for i := range sc.Services {
		s := &sc.Services[i]
		m, _ := v.task.PortNamed(s.PortName)
		switch {
		case s.IngressPortOverride > 0:
			bound = append(bound, s.IngressPortOverride)
		case redirects[m.ContainerPort] == 0:
			redirects[m.ContainerPort] = 40000 + 100*len(redirects) + rng.IntN(100)
		}
	}
	return bound, redirects, apps
}

func TestTheKernelAgreesWithIntercept(t *testing.T) {
	k := newKernel(t)
	rng := rand.New(rand.NewPCG(kernelSeed, kernelSeed))
	counts := map[string]int{}
	for i := range kernelConfigurations {
		k.judge(i, randomTask(rng), rng, counts)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d configurations: %v", kernelConfigurations, counts)
	for _, kind := range []string{"agent", "app", refused, "collision", "inside agent", "inside app", "inside " +
		refused} {
		if counts[kind] == 0 {
			t.Errorf("no connection met %q: the test is not about anything", kind)
		}
	}
}

// judge sets a task up and compares.
func (k *kernel) judge(number int, v *version, rng *rand.Rand, counts map[string]int) {
	k.t.Helper()
	bound, redirects, apps := plan(v, rng)
	k.nat("-F", "ECS_SERVICE_CONNECT_INGRESS")
	listeners := slices.Clone(bound)
	for intercept, listener := range redirects {
		k.nat("-A", "ECS_SERVICE_CONNECT_INGRESS", "-p", "tcp", "--dport", strconv.Itoa(intercept), "-j", "REDIRECT",
			"--to-port", strconv.Itoa(listener))
		listeners = append(listeners, listener)
	}
	// The agent is healthy before the apps start.
	agentTaken, stopAgent := k.serve("agent", listeners)
	defer stopAgent()
	appTaken, stopApps := k.serve("app", apps)
	defer stopApps()
	collision := len(agentTaken)+len(appTaken) > 0

	var outside, inside, looped map[int]string
	var all sync.WaitGroup
	all.Go(func() { outside = k.dial(outsideNamespace, taskAddress, kernelPorts) })
	all.Go(func() { inside = k.dial(taskNamespace, taskAddress, kernelPorts) })
	all.Go(func() { looped = k.dial(taskNamespace, loopback, kernelPorts) })
	all.Wait()
	if collision {
		counts["collision"]++
	}
	for _, port := range kernelPorts {
		in := v.intercept(tcp, port)
		if (in.Problem != "") != collision {
			k.t.Errorf("configuration %d: a port is bound twice: %t; intercept says %q\n%s", number, collision, in.Problem,
				describe(v))
			return
		}
		if collision {
			continue
		}
		counts[outside[port]]++
		if want := landing(in, port, apps); outside[port] != want {
			k.t.Errorf("configuration %d, port %d from outside: the kernel says %s, intercept says %s (%s)\n%s",
				number, port, outside[port], want, in.Why(), describe(v))
		}
		for address, answers := range map[string]map[int]string{taskAddress: inside, loopback: looped} {
			counts["inside "+answers[port]]++
			if want := insideLanding(port, bound, apps); answers[port] != want {
				k.t.Errorf("configuration %d, %s:%d from inside: the kernel says %s, want %s\n%s", number, address, port,
					answers[port], want, describe(v))
			}
		}
	}
}

// landing is where a connection must land according to intercept.
func landing(in Interception, port int, apps []int) string {
	switch {
	case in.Via == ViaAgent:
		return "agent"
	case slices.Contains(apps, port):
		return "app"
	}
	return refused
}

// insideLanding: nothing is intercepted inside the task (docs/traffic.md, Who handles a request).
func insideLanding(port int, bound, apps []int) string {
	switch {
	case slices.Contains(bound, port):
		return "agent"
	case slices.Contains(apps, port):
		return "app"
	}
	return refused
}

func describe(v *version) string {
	data, err := json.MarshalIndent(map[string]any{"task": v.task, "serviceConnect": v.deployment.ServiceConnect}, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(data)
}
