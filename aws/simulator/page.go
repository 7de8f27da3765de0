package simulator

import (
	"encoding/base64"
	"encoding/xml"
	"strconv"
	"strings"
)

// paginate cuts a page out of a list. The token is "" for the first page; next
// is "" behind the last. A token that paginate did not make is not ok.
func paginate[T any](all []T, token string, size int) (items []T, next string, ok bool) {
	start, ok := openToken(token)
	if !ok {
		return nil, "", false
	}
	start = min(start, len(all))
	end := min(start+size, len(all))
	if end < len(all) {
		next = sealToken(end)
	}
	return all[start:end], next, true
}

const tokenSeal = "page:"

// sealToken makes a token that clients cannot read an offset from.
func sealToken(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(tokenSeal + strconv.Itoa(offset)))
}

func openToken(token string) (offset int, ok bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	digits, ok := strings.CutPrefix(string(text), tokenSeal)
	if !ok {
		return 0, false
	}
	offset, err = strconv.Atoi(digits)
	return offset, err == nil && offset >= 0
}

// pageRequest is how ECS is asked for a page of a listing.
type pageRequest struct {
	MaxResults *int   `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// listing is a reply of ECS with a page of what it lists, as the member of that
// name. Sizes go from 1 to 100; absent is the one by default.
func listing[T any](member string, all []T, in pageRequest, absent int) (map[string]any, error) {
	size := absent
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if size < 1 || size > 100 {
		return nil, errParameter("maxResults must be between 1 and 100.")
	}
	page, next, ok := paginate(all, in.NextToken, size)
	if !ok {
		return nil, errParameter("Invalid token.")
	}
	reply := map[string]any{member: notNil(page)}
	if next != "" {
		reply["nextToken"] = next
	}
	return reply, nil
}

// batch is a reply of ECS with what it found by name, as the member of that name,
// and failures for the rest.
func batch[T any](member string, names []string, describe func(name string) (shown T, found bool)) map[string]any {
	all, failures := []T{}, []failure{}
	for _, name := range names {
		if shown, found := describe(name); found {
			all = append(all, shown)
		} else {
			failures = append(failures, failure{ARN: name, Reason: "MISSING"})
		}
	}
	return map[string]any{member: all, "failures": failures}
}

// failure is how ECS reports what a batch did not find.
type failure struct {
	ARN    string `json:"arn"`
	Reason string `json:"reason"`
}

// elbPage is a page of Elastic Load Balancing, as the member of that name.
type elbPage[T any] struct {
	Set struct {
		XMLName xml.Name
		Members []T `xml:"member"`
	}
	NextMarker string `xml:"NextMarker,omitempty"`
}

// pageELB shows a page of a listing. Sizes go from 1 to 400.
func pageELB[T, Shown any](member string, all []T, p params, show func(T) Shown) (*elbPage[Shown], error) {
	size, err := p.number("PageSize", 400)
	if err != nil || size < 1 || size > 400 {
		return nil, errValidation(
			"Value '%s' at 'pageSize' failed to satisfy constraint: Member must be between 1 and 400", p.get("PageSize"),
		)
	}
	found, next, ok := paginate(all, p.get("Marker"), size)
	if !ok {
		return nil, errValidation("The marker is not valid")
	}
	page := &elbPage[Shown]{NextMarker: next}
	page.Set.XMLName.Local = member
	for _, t := range found {
		page.Set.Members = append(page.Set.Members, show(t))
	}
	return page, nil
}

// pageEC2 is a page of EC2. Without MaxResults everything comes at once, as in
// AWS for accounts that are not large.
func pageEC2[T any](all []T, p params, least, most int) (items []T, next string, err error) {
	size, err := p.number("MaxResults", max(len(all), 1))
	if err != nil {
		return nil, "", refuse("InvalidParameterValue",
			"Value ( %s ) for parameter maxResults is invalid. Expecting a number.",
			p.get("MaxResults"))
	}
	if p.has("MaxResults") && (size < least || size > most) {
		return nil, "", refuse("InvalidParameterValue",
			"Value ( %d ) for parameter maxResults is invalid. Expecting a value between %d and %d.", size, least, most)
	}
	items, next, ok := paginate(all, p.get("NextToken"), size)
	if !ok {
		return nil, "", refuse("InvalidNextToken", "The token '%s' is invalid.", p.get("NextToken"))
	}
	return items, next, nil
}
