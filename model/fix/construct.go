package fix

import (
	"crypto/md5"
	"encoding/hex"
	"regexp"
	"strings"
)

// cdkLogicalID is how the CDK ends logical ids: with eight digits of a hash. People
// may end theirs like that too.
var cdkLogicalID = regexp.MustCompile(`^[A-Za-z0-9]*[0-9A-F]{8}$`)

// constructOf finds the construct that a logical id of the CDK is made of, such as
// Backend for BackendService7C8F6A21; "" where the id proves none. The id is the names
// of the path, without repetitions, and the MD5 of the path (aws-cdk-lib,
// core/lib/private/uniqueid.ts): a path that gives the hash is the one.
func constructOf(logicalID string) string {
	const hash = 8 // digits
	if !cdkLogicalID.MatchString(logicalID) {
		return ""
	}
	human, want := logicalID[:len(logicalID)-hash], logicalID[len(logicalID)-hash:]
	// The resources that constructs of services and groups make inside of themselves.
	for _, made := range []string{
		"Service", "Service/Service", "Resource", "SecurityGroup/Resource",
		"Service/SecurityGroup/Resource",
	} {
		names := strings.ReplaceAll(strings.TrimSuffix(made, "/Resource"), "/", "")
		for _, own := range []string{
			human, strings.TrimSuffix(human, names), strings.TrimSuffix(human, "Service"),
			strings.TrimSuffix(human, "SecurityGroup"), strings.TrimSuffix(human, "ServiceSecurityGroup"),
		} {
			for _, path := range splitPaths(own) {
				if digest := md5.Sum([]byte(path + "/" + made)); path != "" &&
					strings.EqualFold(hex.EncodeToString(digest[:])[:hash], want) {
					return path
				}
			}
		}
	}
	return ""
}

// splitPaths are a name itself, and it as a path of two names, cut before each capital
// letter.
func splitPaths(name string) []string {
	out := []string{name}
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' {
			out = append(out, name[:i]+"/"+name[i:])
		}
	}
	return out
}
