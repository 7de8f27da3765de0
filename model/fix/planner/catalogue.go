package planner

import (
	"hopscope/model/rule"

	"hopscope/model/fix"
)

// planner makes the plans for a finding, the better one first.
type planner = func(*context, *rule.Finding) ([]*fix.Plan, error)

// planners are the repairs that hopscope can carry out itself, as far as the case
// allows it. Where it does not, they may give advice.
var planners = merged(map[string]planner{
	"HOP101": (*context).planHop,
	"HOP104": (*context).planHop,
	"HOP105": (*context).planUnused,
	"HOP106": (*context).planHealthCheckHop,
	"NET201": (*context).planRefused,
	"NET202": (*context).planRefused,
	"NET203": (*context).planRefused,
	"NET204": (*context).planHealthRefused,
	"CFG301": (*context).planMove,
	"CFG302": (*context).planMove,
	"CFG303": (*context).planMove,
	"CFG306": (*context).planProxyProtocol,
	"CFG307": (*context).planTLSBehindPlain,
	"CFG311": (*context).planRedeploy,
	"CFG313": (*context).planUnset,
	"CFG314": (*context).planTimeout,
	"CFG324": (*context).planDropTimeout,
	"RSK402": (*context).planLeftover,
	"RSK404": (*context).planMove,
	"INF503": (*context).planOpenOverride,
	"INF504": (*context).planUnset,
}, advised)

// advised are the repairs that a person has to carry out: hopscope sends nothing but
// ecs:UpdateService and the changes of security group rules.
var advised = map[string]func(*context, *rule.Finding) []*fix.Plan{
	"HOP102": (*context).adviseTargetApp,
	"HOP103": (*context).adviseAlias,
	"CFG304": (*context).adviseNetworkMode,
	"CFG305": (*context).adviseController,
	"CFG308": (*context).adviseTLSPolicy,
	"CFG309": (*context).advisePortName,
	"CFG310": (*context).adviseAliasName,
	"CFG312": (*context).adviseAppProtocol,
	"CFG315": (*context).adviseTCP,
	"CFG316": (*context).adviseNetworkMode,
	"CFG317": (*context).adviseRules,
	"CFG318": (*context).adviseIdleRule,
	"CFG319": (*context).adviseHealthPort,
	"CFG320": (*context).advisePortTwice,
	"CFG321": (*context).adviseNamespace,
	"CFG322": (*context).adviseNamespaceARN,
	"CFG323": (*context).adviseDiscoveryName,
	"RSK401": (*context).adviseSideDoor,
	"RSK403": (*context).adviseHealthPort,
	"RSK405": (*context).adviseSecondPort,
	"RSK406": (*context).adviseRoom,
	"INF501": (*context).adviseWait,
	"INF502": (*context).adviseTasks,
	"INF506": (*context).adviseIdleTimeout,
	"INF507": (*context).adviseAgent,
	"INF508": (*context).adviseContainerCheck,
	"INF509": (*context).adviseOldTasks,
}

// merged are all planners in one table.
func merged(own map[string]planner, advised map[string]func(*context, *rule.Finding) []*fix.Plan) map[string]planner {
	for code, advise := range advised {
		own[code] = func(c *context, f *rule.Finding) ([]*fix.Plan, error) { return advise(c, f), nil }
	}
	return own
}
