package model

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Redaction takes from a snapshot what tells whose it is, so that it can be shown to
// others. What is equal stays equal and keeps its order, and a block of addresses holds
// those that it held before: the file is judged like the account.
type Redaction struct {
	// Names has names replaced too: of clusters, services, load balancers, groups, ports …
	Names bool
	// Key chooses other addresses for each file; nil takes a random one. Whoever knows it
	// can guess at the addresses.
	Key []byte
}

// Apply is the redacted copy of a snapshot: without account ids, addresses, and the ids of
// groups, networks and instances. Each is replaced by another one, wherever it stands.
func (r Redaction) Apply(s *Snapshot) (*Snapshot, error) {
	out, err := clone(redacted(s))
	if err != nil {
		return nil, fmt.Errorf("redact the snapshot: %w", err)
	}
	key := r.Key
	if key == nil {
		key = make([]byte, sha256.Size)
		_, _ = rand.Read(key) // never fails
	}
	d := &disguise{names: r.Names, words: map[string]string{}, everywhere: map[string]bool{}}
	d.addresses.key = key
	walk(reflect.ValueOf(out).Elem(), place{}, func(p place, s string) string { d.meet(p, s); return s })
	d.choose()
	walk(reflect.ValueOf(out).Elem(), place{}, d.replace)
	d.addresses.walk(reflect.ValueOf(out).Elem())
	slices.SortFunc(out.Services, func(a, b Service) int { return a.Ref().Compare(b.Ref()) })
	return out, nil
}

// clone is a snapshot that shares nothing with another one.
func clone(s *Snapshot) (*Snapshot, error) {
	var file bytes.Buffer
	out := new(Snapshot)
	if err := json.NewEncoder(&file).Encode(s); err != nil {
		return nil, err
	}
	return out, json.NewDecoder(&file).Decode(out)
}

// place is where a text stands: the type of the row, and its field.
type place struct{ row, field string }

// walk calls a function for every text in a value and puts its answer there.
func walk(v reflect.Value, p place, visit func(place, string) string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), p, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), p, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				walk(v.Field(i), place{v.Type().Name(), f.Name}, visit)
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if text := v.MapIndex(key); text.Kind() == reflect.String {
				v.SetMapIndex(key, reflect.ValueOf(visit(p, text.String())).Convert(text.Type()))
			}
		}
	case reflect.String:
		v.SetString(visit(p, v.String()))
	default: // numbers and times tell nothing
	}
}

// disguise knows what stands for what in one file.
type disguise struct {
	names bool
	// words are what stands for names and ids, by these; in the first pass they are only
	// gathered.
	words map[string]string
	// everywhere are the words that are replaced in any text: ids.
	everywhere map[string]bool
	addresses  addresses
}

var (
	// word is what names and ids are made of, between the other signs of a text.
	word = regexp.MustCompile(`[A-Za-z0-9_-]+`)
	// resourceID is an id of EC2 or Cloud Map; vpc-lattice is none.
	resourceID = regexp.MustCompile(`^(acl|eni|i|ns|pl|sg|sgr|srv|subnet|vpc|rtb|pcx|vpce)-` +
		`(?:[0-9a-f]{8,17}|[0-9a-z]{16})$`)
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	hostOfIP  = regexp.MustCompile(`^ip-[0-9]+-[0-9]+-[0-9]+-[0-9]+$`)
	// inText is an address, or a block, in a text.
	inText = regexp.MustCompile(`[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*[0-9A-Fa-f:](/[0-9]{1,3})?`)
)

// wordSet are the words of a text.
func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

// named are the fields that hold names, for all rows that have them.
var named = wordSet(`
	Name Cluster Clusters Service Family ContainerName PortName DiscoveryName DNSName HTTPName Namespace
	DefaultNamespace NamedEndpoints Alarms Tags`)

// unnamed are rows in which such a field holds a word of AWS's, or a header.
var unnamed = map[string]bool{"RuleCondition": true, "Metric": true, "Dimension": true, "PrefixList": true}

// spoken are the words that stand for something wherever they are, and so are no names.
var spoken = wordSet(`
	arn aws amazonaws com ecs ec2 elb elasticloadbalancing servicediscovery cloudwatch service cluster
	task task-definition task-set service-revision service-deployment container-instance loadbalancer
	listener listener-rule targetgroup namespace app net gwy default internal local true false yes no
	terraform opentofu masked http https tcp udp grpc`)

// identified are the rows whose ids are replaced, whatever these look like.
var identified = map[string]bool{
	"SecurityGroup": true, "Subnet": true, "VPC": true, "NetworkInterface": true, "NetworkACL": true, "PrefixList": true,
}

// isName tells whether a text is a name, or has names in it.
func isName(p place) bool { return named[p.field] && !unnamed[p.row] }

// meet gathers the names and ids of a text.
func (d *disguise) meet(p place, s string) {
	for _, w := range word.FindAllString(s, -1) {
		switch {
		case accountID.MatchString(w), resourceID.MatchString(w), hostOfIP.MatchString(w),
			p.field == "ID" && identified[p.row],
			p.row == "LoadBalancer" && p.field == "DNSName" && strings.HasPrefix(s, w): // it resolves to addresses
			d.words[w], d.everywhere[w] = "", true
		case d.names && isName(p) && !spoken[strings.ToLower(w)] && !strings.HasPrefix(w, AgentContainer) &&
			strings.ContainsFunc(w, isLetter):
			d.words[w] = ""
		}
	}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// choose chooses what stands for each, numbered in their order.
func (d *disguise) choose() {
	numbers := map[string]int{}
	for _, w := range slices.Sorted(maps.Keys(d.words)) {
		kind, format := "name", "n%05d"
		switch {
		case accountID.MatchString(w):
			kind, format = "account", "%012d"
		case hostOfIP.MatchString(w):
			kind, format = "host", "host%05d"
		case d.everywhere[w]:
			kind, _, _ = strings.Cut(w, "-")
			format = kind + "-%017x"
		}
		numbers[kind]++
		d.words[w] = fmt.Sprintf(format, numbers[kind])
	}
}

// free are the fields with sentences and other texts in which names may stand.
var free = map[string]bool{
	"Origin": true, "Resource": true, "Message": true, "Effect": true, "Description": true, "Group": true,
	"StartedBy": true,
	"Value":     true, "Values": true, "What": true,
}

// replace is a text with all that is replaced in it.
func (d *disguise) replace(p place, s string) string {
	names := isName(p) || free[p.field] || strings.HasPrefix(s, "arn:")
	s = word.ReplaceAllStringFunc(s, func(w string) string {
		if other, known := d.words[w]; known && (names || d.everywhere[w]) {
			return other
		}
		return w
	})
	return inText.ReplaceAllStringFunc(s, d.addresses.text)
}

// addresses replaces addresses such that those which shared a prefix share one of the same
// length: each bit may be turned over, as the bits before it and the key say. The blocks
// that mean something by themselves stay where they are.
type addresses struct{ key []byte }

// kept are the blocks that stay: private ones, and others of which no packet comes over the
// internet. No other address gets into one.
var kept = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/3"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("::1/128"),
	netip.MustParsePrefix("::ffff:0:0/96"),
}

// fixed tells whether the bit behind a prefix decides about a block that stays.
func fixed(p netip.Prefix) bool {
	return slices.ContainsFunc(kept, func(k netip.Prefix) bool { return k.Bits() > p.Bits() && p.Contains(k.Addr()) })
}

// prefix is what stands for the first bits of an address; the others stay.
func (a addresses) prefix(addr netip.Addr, bits int) netip.Addr {
	raw := addr.AsSlice()
	out := slices.Clone(raw)
	for i := range bits {
		before, err := addr.Prefix(i)
		if err != nil || fixed(before) {
			continue
		}
		sum := hmac.New(sha256.New, a.key)
		_, _ = sum.Write([]byte(before.String()))
		if sum.Sum(nil)[0]&1 == 1 {
			out[i/8] ^= 0x80 >> (i % 8)
		}
	}
	other, _ := netip.AddrFromSlice(out)
	return other
}

// text is what stands for an address or a block in a text; what is neither stays.
func (a addresses) text(s string) string {
	if p, err := netip.ParsePrefix(s); err == nil {
		return netip.PrefixFrom(a.prefix(p.Addr(), p.Bits()), p.Bits()).String()
	}
	if addr, err := netip.ParseAddr(s); err == nil {
		return a.prefix(addr, addr.BitLen()).String()
	}
	return s
}

// walk replaces the addresses in a value that are no text.
func (a addresses) walk(v reflect.Value) {
	switch x := v.Interface().(type) {
	case netip.Addr:
		if x.IsValid() {
			v.Set(reflect.ValueOf(a.prefix(x, x.BitLen())))
		}
		return
	case netip.Prefix:
		if x.IsValid() {
			v.Set(reflect.ValueOf(netip.PrefixFrom(a.prefix(x.Addr(), x.Bits()), x.Bits())))
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			a.walk(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			a.walk(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				a.walk(v.Field(i))
			}
		}
	default: // has no address in it
	}
}
