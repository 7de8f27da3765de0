package simulator

// The services by their prefix in IAM.
const (
	serviceECS = "ecs"
	serviceEC2 = "ec2"
	serviceELB = "elasticloadbalancing"
	serviceMap = "servicediscovery"
	serviceSTS = "sts"
	serviceCW  = "cloudwatch"
)

// apiVersions are the versions that the Query protocols carry.
var apiVersions = map[string]string{
	serviceEC2: "2016-11-15",
	serviceELB: "2015-12-01",
	serviceSTS: "2011-06-15",
}

// operation is something a service does on request.
type operation struct {
	service string
	name    string
	// mutating operations change the account.
	mutating bool
	handle   handler
}

// handler carries out an operation on the account, which is locked meanwhile.
// It returns the reply's members or an *apiError.
type handler func(*account, *request) (any, error)

// action is the IAM action, which is named after the operation throughout.
func (o *operation) action() string { return o.service + ":" + o.name }

// operations is the table of everything that is answered.
func operations() []operation {
	const reads, writes = false, true
	return []operation{
		{serviceECS, "ListClusters", reads, decode((*account).listClusters)},
		{serviceECS, "DescribeClusters", reads, decode((*account).describeClusters)},
		{serviceECS, "ListServices", reads, decode((*account).listServices)},
		{serviceECS, "ListServicesByNamespace", reads, decode((*account).listServicesByNamespace)},
		{serviceECS, "DescribeServices", reads, decode((*account).describeServices)},
		{serviceECS, "UpdateService", writes, decode((*account).updateService)},
		{serviceECS, "ListTaskDefinitions", reads, decode((*account).listTaskDefinitions)},
		{serviceECS, "DescribeTaskDefinition", reads, decode((*account).describeTaskDefinition)},
		{serviceECS, "ListGatewayRoutes", reads, decode((*account).listGatewayRoutes)},
		{serviceECS, "ListTasks", reads, decode((*account).listTasks)},
		{serviceECS, "DescribeTasks", reads, decode((*account).describeTasks)},
		{serviceECS, "ListContainerInstances", reads, decode((*account).listContainerInstances)},
		{serviceECS, "DescribeContainerInstances", reads, decode((*account).describeContainerInstances)},
		{serviceECS, "DescribeServiceRevisions", reads, decode((*account).describeServiceRevisions)},
		{serviceECS, "ListServiceDeployments", reads, decode((*account).listServiceDeployments)},
		{serviceECS, "DescribeServiceDeployments", reads, decode((*account).describeServiceDeployments)},

		{serviceEC2, "DescribeSecurityGroups", reads, form((*account).describeSecurityGroups)},
		{serviceEC2, "DescribeSecurityGroupRules", reads, form((*account).describeSecurityGroupRules)},
		{serviceEC2, "AuthorizeSecurityGroupIngress", writes, form((*account).authorizeIngress)},
		{serviceEC2, "AuthorizeSecurityGroupEgress", writes, form((*account).authorizeEgress)},
		{serviceEC2, "RevokeSecurityGroupIngress", writes, form((*account).revokeIngress)},
		{serviceEC2, "RevokeSecurityGroupEgress", writes, form((*account).revokeEgress)},
		{serviceEC2, "DescribeSubnets", reads, form((*account).describeSubnets)},
		{serviceEC2, "DescribeVpcs", reads, form((*account).describeVpcs)},
		{serviceEC2, "DescribeNetworkAcls", reads, form((*account).describeNetworkAcls)},
		{serviceEC2, "DescribeManagedPrefixLists", reads, form((*account).describeManagedPrefixLists)},
		{serviceEC2, "GetManagedPrefixListEntries", reads, form((*account).getManagedPrefixListEntries)},
		{serviceEC2, "DescribeInstances", reads, form((*account).describeInstances)},
		{serviceEC2, "DescribeNetworkInterfaces", reads, form((*account).describeNetworkInterfaces)},

		{serviceELB, "DescribeTargetGroups", reads, form((*account).describeTargetGroups)},
		{serviceELB, "DescribeLoadBalancers", reads, form((*account).describeLoadBalancers)},
		{serviceELB, "DescribeListeners", reads, form((*account).describeListeners)},
		{serviceELB, "DescribeRules", reads, form((*account).describeRules)},
		{serviceELB, "DescribeTargetHealth", reads, form((*account).describeTargetHealth)},
		{serviceELB, "DescribeTags", reads, form((*account).describeTags)},
		{serviceELB, "DescribeTargetGroupAttributes", reads, form((*account).describeTargetGroupAttributes)},
		{serviceELB, "DescribeLoadBalancerAttributes", reads, form((*account).describeLoadBalancerAttributes)},

		{serviceMap, "ListNamespaces", reads, decode((*account).listNamespaces)},
		{serviceMap, "ListServices", reads, decode((*account).listMapServices)},

		{serviceCW, "ListMetrics", reads, decode((*account).listMetrics)},
		{serviceCW, "GetMetricData", reads, decode((*account).getMetricData)},

		{serviceSTS, "GetCallerIdentity", reads, form((*account).getCallerIdentity)},
	}
}
