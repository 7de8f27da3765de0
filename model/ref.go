package model

import (
	"cmp"
	"strings"
)

// Ref identifies a service within one account and region.
type Ref struct {
	Cluster string `json:"cluster"`
	Service string `json:"service"`
}

// String is cluster/service, as in the last two parts of a service ARN.
func (r Ref) String() string { return r.Cluster + "/" + r.Service }

// Compare orders refs by cluster, then by service name.
func (r Ref) Compare(o Ref) int {
	if c := cmp.Compare(r.Cluster, o.Cluster); c != 0 {
		return c
	}
	return cmp.Compare(r.Service, o.Service)
}

// ARN is an Amazon Resource Name, kept as the text that AWS gave.
type ARN = string

// arnParts is the number of colon-separated parts of an ARN:
// arn:partition:service:region:account:resource.
const arnParts = 6

// ARNResource is the part of an ARN behind the account id, such as
// "service/prod/web" or "targetgroup/web/73e2d6bc24d8a067". Text that is not an
// ARN is returned as it is.
func ARNResource(arn ARN) string {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts || parts[0] != "arn" {
		return arn
	}
	return parts[arnParts-1]
}

// ARNAccount is the account id of an ARN, "" where there is none.
func ARNAccount(arn ARN) string {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts || parts[0] != "arn" {
		return ""
	}
	return parts[4]
}

// ARNRegion is the region of an ARN, "" where there is none.
func ARNRegion(arn ARN) string {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts || parts[0] != "arn" {
		return ""
	}
	return parts[3]
}

// ARNName is the last path element of an ARN's resource, such as the service
// name or "web:7" of a task definition. Names and ids that are not ARNs are
// returned as they are.
func ARNName(arn ARN) string {
	resource := ARNResource(arn)
	return resource[strings.LastIndexByte(resource, '/')+1:]
}
