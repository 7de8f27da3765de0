package simulator

type callerIdentity struct {
	ARN     string `xml:"Arn"`
	UserID  string `xml:"UserId"`
	Account string `xml:"Account"`
}

// stsOperations is the table of what STS answers.
func stsOperations(r *resources) []operation {
	return []operation{{serviceSTS, "GetCallerIdentity", reads, form(func(params) (*callerIdentity, error) {
		return &callerIdentity{ARN: r.caller(), UserID: "AROASIMULATOR:session", Account: r.id}, nil
	})}}
}
