package simulator

import (
	"encoding/base64"
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

// pageJSON is a page of ECS: sizes from 1 to 100.
func pageJSON[T any](all []T, token string, size *int, absent int) (items []T, next string, err error) {
	n := absent
	if size != nil {
		n = *size
	}
	if n < 1 || n > 100 {
		return nil, "", errParameter("maxResults must be between 1 and 100.")
	}
	items, next, ok := paginate(all, token, n)
	if !ok {
		return nil, "", errParameter("Invalid token.")
	}
	return items, next, nil
}

// pageELB is a page of Elastic Load Balancing: sizes from 1 to 400.
func pageELB[T any](all []T, p params) (items []T, next string, err error) {
	size, err := p.number("PageSize", 400)
	if err != nil || size < 1 || size > 400 {
		return nil, "", errValidation(
			"Value '%s' at 'pageSize' failed to satisfy constraint: Member must be between 1 and 400", p.get("PageSize"),
		)
	}
	items, next, ok := paginate(all, p.get("Marker"), size)
	if !ok {
		return nil, "", errValidation("The marker is not valid")
	}
	return items, next, nil
}

// pageEC2 is a page of EC2. Without MaxResults everything comes at once, as in
// AWS for accounts that are not large.
func pageEC2[T any](all []T, p params, least, most int) (items []T, next string, err error) {
	size, err := p.number("MaxResults", max(len(all), 1))
	if err != nil {
		return nil, "", refuse(
			"InvalidParameterValue", "Value ( %s ) for parameter maxResults is invalid. Expecting a number.", p.get(
				"MaxResults",
			),
		)
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
