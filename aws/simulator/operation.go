package simulator

import "slices"

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

// handler carries out an operation on the resources, which are locked meanwhile.
// It returns the reply's members or an *apiError.
type handler func(*request) (any, error)

// The column mutating of the tables of operations.
const (
	reads  = false
	writes = true
)

// action is the IAM action, which is named after the operation throughout.
func (o *operation) action() string { return o.service + ":" + o.name }

// operations are everything that is answered.
func operations(r *resources) []operation {
	return slices.Concat(
		ecsOperations(r), ec2Operations(r), elbOperations(r), mapOperations(r), cloudWatchOperations(r), stsOperations(r),
	)
}
