package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// account is the AWS account, in one region, that owns everything. It gives
// resources their ids and ARNs.
type account struct{ id, region string }

// arn is the ARN of a resource of the account and region.
func (a account) arn(service, resource string) string {
	return strings.Join([]string{"arn:aws", service, a.region, a.id, resource}, ":")
}

// asARN is what ECS calls a resource that a call names, by name or by ARN.
func (a account) asARN(kind, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return a.arn("ecs", kind+name)
}

// resourceID makes the id of a named resource: sg-0a1b…, always the same for
// the same name.
func (a account) resourceID(prefix, given string, name ...string) string {
	if given != "" {
		return given
	}
	const digits = 17
	return prefix + "-" + hash(digits, append(name, prefix, a.id, a.region)...)
}

// role is the ARN of an IAM role.
func (a account) role(name string) string { return "arn:aws:iam::" + a.id + ":role/" + name }

// caller is the principal of every call, as AWS's messages name it.
func (a account) caller() string {
	return "arn:aws:sts::" + a.id + ":assumed-role/hopscope-simulator/session"
}

func (a account) securityGroupARN(id string) string { return a.arn("ec2", "security-group/"+id) }

// created is when everything was made of which a world does not say it: a fixed
// day, so that two runs answer the same.
func created() time.Time { return time.Date(2026, time.August, 1, 0, 0, 0, 0, time.UTC) }

// hash is n (at most 64) hexadecimal digits that follow from the parts.
func hash(n int, parts ...string) string {
	sum := digest(parts)
	return hex.EncodeToString(sum[:(n+1)/2])[:n]
}

func digest(parts []string) [sha256.Size]byte {
	var room [128]byte // on the stack: a fleet has tens of thousands of names
	joined := room[:0]
	for i, p := range parts {
		if i > 0 {
			joined = append(joined, 0)
		}
		joined = append(joined, p...)
	}
	return sha256.Sum256(joined)
}

// number is a decimal number of n (at most 60) digits that follows from the
// parts.
func number(n int, parts ...string) string {
	sum := digest(parts)
	text := "1" + new(big.Int).SetBytes(sum[:]).String()
	return text[:n]
}

// uuid is a UUID in form, not in chance: it follows from the parts.
func uuid(parts ...string) string {
	h := hash(32, parts...)
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// find returns the first element that the predicate holds for, or nil.
func find[T any](all []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// sortedKeys are the keys of a map in order: nothing that is answered depends on
// the order of a map.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
