package planner

import (
	"hopscope/model/rule"

	"hopscope/model/fix"
)

// planner makes the plans for a finding, the better one first.
type planner = func(*situation, *rule.Finding) ([]*fix.Plan, error)

// planners are the repairs that hopscope can carry out itself, as far as the case
// allows it. Where it does not, they may give advice.
var planners = merged(map[string]planner{
	"HOP101": planHop,
	"HOP104": planHop,
	"HOP105": planUnused,
	"HOP106": planHealthCheckHop,
	"NET201": planRefused,
	"NET202": planRefused,
	"NET203": planRefused,
	"NET204": planHealthRefused,
	"CFG301": planMove,
	"CFG302": planMove,
	"CFG303": planMove,
	"CFG306": planProxyProtocol,
	"CFG307": planTLSBehindPlain,
	"CFG311": planRedeploy,
	"CFG313": planUnset,
	"CFG314": planTimeout,
	"CFG324": planDropTimeout,
	"RSK402": planLeftover,
	"RSK404": planMove,
	"INF503": planOpenOverride,
	"INF504": planUnset,
}, advised)

// advised are the repairs that a person has to carry out: hopscope sends nothing but
// ecs:UpdateService and the changes of security group rules.
var advised = map[string]func(*situation, *rule.Finding) []*fix.Plan{
	"HOP102": adviseTargetApp,
	"HOP103": adviseAlias,
	"NET205": adviseClients,
	"NET206": adviseZones,
	"CFG304": adviseNetworkMode,
	"CFG305": adviseController,
	"CFG308": adviseTLSPolicy,
	"CFG309": advisePortName,
	"CFG310": adviseAliasName,
	"CFG312": adviseAppProtocol,
	"CFG315": adviseTCP,
	"CFG316": adviseNetworkMode,
	"CFG317": adviseRules,
	"CFG318": adviseIdleRule,
	"CFG319": adviseHealthPort,
	"CFG320": advisePortTwice,
	"CFG321": adviseNamespace,
	"CFG322": adviseNamespaceARN,
	"CFG323": adviseDiscoveryName,
	"CFG325": adviseProtocol,
	"CFG326": advisePublication,
	"RSK401": adviseSideDoor,
	"RSK403": adviseHealthPort,
	"RSK405": adviseSecondPort,
	"RSK406": adviseRoom,
	"INF501": adviseWait,
	"INF502": adviseTasks,
	"INF506": adviseIdleTimeout,
	"INF507": adviseAgent,
	"INF508": adviseContainerCheck,
	"INF509": adviseOldTasks,
	"INF510": adviseZoneRouting,
	"INF511": adviseRequestTimeout,
	"INF512": advisePortListing,
	"HLT601": adviseUnhealthy,
	"HLT602": adviseUnhealthy,
	"HLT603": adviseRegistration,
	"HLT604": adviseWeights,
	"HLT605": adviseMeasuringAgain,
}

// merged are all planners in one table.
func merged(own map[string]planner, advised map[string]func(*situation, *rule.Finding) []*fix.Plan) map[string]planner {
	for code, advise := range advised {
		own[code] = func(c *situation, f *rule.Finding) ([]*fix.Plan, error) { return advise(c, f), nil }
	}
	return own
}
