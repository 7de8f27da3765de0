package aws

import (
	"testing"
)

func TestRepliesThatAWSDidNotWriteAreTold(t *testing.T) {
	for body, want := range map[string]bool{
		`{"__type":"AccessDeniedException","message":"no"}`:                                        true,
		`<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`:                    true,
		`<?xml version="1.0"?><Response><Errors><Error><Code>X</Code></Error></Errors></Response>`: true,
		`<html><head><title>502 Bad Gateway</title></head></html>`:                                 false,
		`{"detail":"Not Found"}`: false,
		`Not Found`:              false,
		`[]`:                     false,
	} {
		if got := isErrorOfAWS([]byte(body)); got != want {
			t.Errorf("%s: got %t", body, got)
		}
	}
}
