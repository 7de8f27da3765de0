package simulator

type callerIdentity struct {
	ARN     string `xml:"Arn"`
	UserID  string `xml:"UserId"`
	Account string `xml:"Account"`
}

func (a *account) getCallerIdentity(params) (*callerIdentity, error) {
	return &callerIdentity{ARN: a.identity(), UserID: "AROASIMULATOR:session", Account: a.id}, nil
}
