package doctor

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/doctor"
)

// policyVersion is the version of IAM's policy language.
const policyVersion = "2012-10-17"

// What may stand in a policy. Names that AWS gave have no wildcards: an answer with some
// would widen it. Those of the user may have the two that IAM knows.
var (
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	patternForm = regexp.MustCompile(`^[A-Za-z0-9_*?-]{1,255}$`)
	roleForm    = regexp.MustCompile(`^arn:[a-z-]{1,20}:iam::\d{12}:role/[A-Za-z0-9_+=,.@/-]{1,576}$`)
	partForm    = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// policy allows the actions of a use, by the table of operations: a statement for
// each scope.
func (e *examination) policy(use aws.Use) doctor.Policy {
	out := doctor.Policy{Version: policyVersion}
	bySid := map[string]int{}
	for _, action := range aws.ActionsFor(use) {
		op := aws.OperationOf(action)
		sid := sidOf(&op)
		if e.inClusters() == nil && op.Scope.ByCluster {
			sid = sidOf(&aws.Operation{Use: op.Use}) // nothing to narrow by
		}
		i, ok := bySid[sid]
		if !ok {
			i = len(out.Statement)
			bySid[sid] = i
			out.Statement = append(out.Statement, e.statement(sid, action, &op))
		}
		out.Statement[i].Action = append(out.Statement[i].Action, action)
	}
	if roles := e.passedRoles(); use == aws.Applying && len(roles) > 0 {
		out.Statement = append(out.Statement, doctor.Statement{
			Sid: "HopscopeApplyRole", Effect: "Allow", Action: []model.Action{passRole}, Resource: roles,
			Condition: map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {"ecs.amazonaws.com"}}},
		})
	}
	slices.SortStableFunc(out.Statement, func(a, b doctor.Statement) int { return cmp.Compare(a.Sid, b.Sid) })
	return out
}

// passRole is what UpdateService needs for each role in the block that it is sent: the
// infrastructure role of TLS. It is sent no task definition, and so no role of tasks.
//
// Source: Amazon ECS developer guide, Amazon ECS infrastructure IAM role (permission to
// pass the role to Amazon ECS); IAM user guide, Grant a user permissions to pass a role.
const passRole model.Action = "iam:PassRole"

// passedRoles are the roles of the services that were looked at, as a policy may name them.
func (e *examination) passedRoles() []string {
	roles := slices.DeleteFunc(slices.Clone(e.found.roles), func(arn string) bool { return !roleForm.MatchString(arn) })
	slices.Sort(roles)
	return slices.Compact(roles)
}

// sidOf names the statement of an operation by its use and its scope.
func sidOf(op *aws.Operation) string {
	sid := "Hopscope" + [...]string{aws.Reading: "Read", aws.Applying: "Apply"}[op.Use]
	if op.Scope.ByCluster {
		sid += "ByCluster"
	}
	for _, kind := range op.Scope.Types {
		for word := range strings.SplitSeq(kind, "-") {
			sid += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return sid
}

// statement is one without actions yet. Where no resource can be named, the region is.
func (e *examination) statement(sid string, a model.Action, op *aws.Operation) doctor.Statement {
	s := doctor.Statement{Sid: sid, Effect: "Allow", Resource: []string{"*"}}
	service, _, _ := strings.Cut(string(a), ":")
	for i, kind := range op.Scope.Types {
		if i == 0 {
			s.Resource = nil
		}
		for _, tail := range e.tailsOf(service, kind) {
			s.Resource = append(s.Resource, e.arn(service, tail, op.Scope.Foreign))
		}
	}
	if len(op.Scope.Types) > 0 {
		return s
	}
	s.Condition = map[string]map[string][]string{}
	if e.arnRegion() != "*" {
		s.Condition["StringEquals"] = map[string][]string{"aws:RequestedRegion": {e.arnRegion()}}
	}
	if clusters := e.inClusters(); op.Scope.ByCluster && clusters != nil {
		var arns []string
		for _, tail := range e.tailsOf(service, "cluster") {
			arns = append(arns, e.arn(service, tail, false))
		}
		s.Condition["ArnLike"] = map[string][]string{"ecs:cluster": arns}
	}
	return s
}

// tailsOf are the ends of the ARNs of a type: in the clusters of the source, where
// these were chosen. A service's ARN has the cluster's name behind the type.
func (e *examination) tailsOf(service, kind string) []string {
	clusters := e.inClusters()
	if service != "ecs" || clusters == nil {
		return []string{kind + "/*"}
	}
	var tails []string
	for _, c := range clusters {
		if kind == "cluster" {
			tails = append(tails, kind+"/"+c)
		} else {
			tails = append(tails, kind+"/"+c+"/*")
		}
	}
	return tails
}

// arn is the ARN of a resource of the account, or of any account.
func (e *examination) arn(service, tail string, foreign bool) string {
	account := cmp.Or(e.found.account(), "*")
	if foreign {
		account = "*"
	}
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", e.partition(), service, e.arnRegion(), account, tail)
}

// arnRegion is the region as a policy may name it.
func (e *examination) arnRegion() string {
	if region := e.account.Region(); partForm.MatchString(region) {
		return region
	}
	return "*"
}

// partition is that of the clusters' ARNs.
func (e *examination) partition() string {
	for _, c := range e.found.clusters {
		if parts := strings.SplitN(c, ":", 3); len(parts) == 3 && parts[0] == "arn" && partForm.MatchString(parts[1]) {
			return parts[1]
		}
	}
	return "aws"
}

// inClusters names the clusters for a policy, nil for all of the region.
func (e *examination) inClusters() []string {
	var names []string
	for _, p := range e.source.Patterns() {
		if name := model.ARNName(p); patternForm.MatchString(name) {
			names = append(names, name)
			continue
		}
		for _, c := range e.found.clusters {
			if name := model.ARNName(c); nameForm.MatchString(name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
