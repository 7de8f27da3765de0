// Package selector is the one grammar of names in which users say what they ask about:
//
//	[CLUSTER/]SERVICE[:PORT]   a service, or the family of tasks that no service started
//	lb:NAME[:PORT]             a load balancer, or a listener of one
//	sg-…                       a security group, by its id
//	10.0.3.7, 10.0.0.0/16      an address or a block, of IPv4 or IPv6
//	any                        every address
//
// Names of clusters, services and load balancers may be globs: *, ? and [a-z]. A
// service that has the name of something else is written with its cluster, "*/any".
package selector

import (
	"fmt"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"hopscope/model"
)

// Kind is what a selector names.
type Kind string

// The kinds of selectors.
const (
	Service       Kind = "service"
	LoadBalancer  Kind = "load-balancer"
	SecurityGroup Kind = "security-group"
	// Addresses are a block, or one address.
	Addresses Kind = "addresses"
	Any       Kind = "any"
)

// Selector is a name as a user wrote it.
type Selector struct {
	Kind Kind
	// Cluster is a name or a glob, "" where none was written.
	Cluster string
	// Name is that of a service or a load balancer, or a glob, or a group's id.
	Name string
	// Port is 0 where none was written.
	Port int
	// Block is that of [Addresses]; one address is a block of one.
	Block netip.Prefix
}

const (
	balancerPrefix = "lb:"
	groupPrefix    = "sg-"
	anyAddress     = "any"
	maxPort        = 65535
	globs          = `*?[\`
)

// Parse reads a selector. Its error is a [model.CannotCheckError].
func Parse(text string) (Selector, error) {
	switch {
	case text == anyAddress:
		return Selector{Kind: Any}, nil
	case strings.HasPrefix(text, balancerPrefix):
		return parseBalancer(text)
	case strings.HasPrefix(text, groupPrefix) && !strings.Contains(text, "/"):
		return parseGroup(text)
	}
	if block, ok := parseBlock(text); ok {
		return Selector{Kind: Addresses, Block: block}, nil
	}
	if looksLikeAddress(text) {
		return Selector{}, wrong(text, "write an address such as 10.0.3.7 or 2001:db8::7, or a block such as 10.0.0.0/16, "+
			"without a port")
	}
	return parseService(text)
}

// looksLikeAddress tells whether a text can be nothing but an address with a mistake: names
// of ECS have no dots and no colons, and names that are called have letters.
func looksLikeAddress(text string) bool {
	v4 := strings.Count(text, ".") > 1 && strings.Trim(text, "0123456789.:/") == ""
	v6 := (strings.Contains(text, "::") || strings.Count(text, ":") > 2) &&
		strings.Trim(strings.ToLower(text), "0123456789abcdef.:/") == ""
	return v4 || v6
}

// parseBlock reads an address or a block. Bits behind those of the block are dropped, as
// AWS does.
func parseBlock(text string) (netip.Prefix, bool) {
	if block, err := netip.ParsePrefix(text); err == nil {
		return unmapped(block), true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	return unmapped(netip.PrefixFrom(addr, addr.BitLen())), true
}

// unmapped is the block of IPv4 where one is written as IPv6: "::ffff:10.0.0.0/104".
func unmapped(block netip.Prefix) netip.Prefix {
	const mapped = 96
	if block.Addr().Is4In6() && block.Bits() >= mapped {
		block = netip.PrefixFrom(block.Addr().Unmap(), block.Bits()-mapped)
	}
	return block.Masked()
}

func parseGroup(text string) (Selector, error) {
	if strings.ContainsAny(text, globs+":") {
		return Selector{}, wrong(text, "a security group is named by its id alone, such as sg-0a1b2c3d")
	}
	return Selector{Kind: SecurityGroup, Name: text}, nil
}

func parseBalancer(text string) (Selector, error) {
	name, port, err := cutPort(text, strings.TrimPrefix(text, balancerPrefix))
	switch {
	case err != nil:
		return Selector{}, err
	case name == "" || strings.ContainsAny(name, ":/"):
		return Selector{}, wrong(text, "write lb:NAME or lb:NAME:PORT")
	}
	s := Selector{Kind: LoadBalancer, Name: name, Port: port}
	return s, s.check(text)
}

func parseService(text string) (Selector, error) {
	name, port, err := cutPort(text, text)
	if err != nil {
		return Selector{}, err
	}
	cluster, service, both := strings.Cut(name, "/")
	if !both {
		cluster, service = "", name
	}
	if service == "" || both && cluster == "" || strings.ContainsAny(service, ":/") || strings.Contains(cluster, ":") {
		return Selector{}, wrong(text,
			"write SERVICE, CLUSTER/SERVICE, SERVICE:PORT, lb:NAME, sg-…, an address, a block or any")
	}
	s := Selector{Kind: Service, Cluster: cluster, Name: service, Port: port}
	return s, s.check(text)
}

// cutPort cuts the port off a name.
func cutPort(text, name string) (string, int, error) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name, 0, nil
	}
	port, err := strconv.ParseUint(name[at+1:], 10, 16)
	if err != nil || port == 0 {
		return "", 0, wrong(text, fmt.Sprintf("a port is a number from 1 to %d", maxPort))
	}
	return name[:at], int(port), nil
}

// check refuses globs that make no sense.
func (s *Selector) check(text string) error {
	for _, pattern := range [...]string{s.Cluster, s.Name} {
		if _, err := path.Match(pattern, ""); err != nil {
			return wrong(text, "use a name, or * and ? in one")
		}
	}
	return nil
}

func wrong(text, next string) error {
	return &model.CannotCheckError{Reason: fmt.Sprintf("%q names nothing", text), Next: next}
}

// String is the selector in the form that [Parse] reads.
func (s Selector) String() string {
	switch s.Kind {
	case Any:
		return anyAddress
	case Addresses:
		if s.Block.IsSingleIP() {
			return s.Block.Addr().String()
		}
		return s.Block.String()
	case SecurityGroup:
		return s.Name
	case LoadBalancer:
		return balancerPrefix + withPort(s.Name, s.Port)
	case Service:
	}
	if s.Cluster != "" {
		return withPort(s.Cluster+"/"+s.Name, s.Port)
	}
	return withPort(s.Name, s.Port)
}

func withPort(name string, port int) string {
	if port == 0 {
		return name
	}
	return name + ":" + strconv.Itoa(port)
}

// Plural tells whether the name is a glob, which may stand for several things.
func (s Selector) Plural() bool { return strings.ContainsAny(s.Cluster+s.Name, globs) }

// Fits tells whether the selector of a service means this one, or the family of tasks of
// this name.
func (s Selector) Fits(ref model.Ref) bool {
	return (s.Cluster == "" || fits(s.Cluster, ref.Cluster)) && fits(s.Name, ref.Service)
}

func fits(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
