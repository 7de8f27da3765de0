package simulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// CBOR (RFC 8949) as far as smithy-rpc-v2-cbor needs it: the keys of maps are
// strings, and a tag is a time. The simulator has its own, so that a test of the
// SDK's client does not judge the SDK by itself.

// The major types, as the upper three bits of the first byte.
const (
	cborUint = iota << 5
	cborNegative
	cborBytes
	cborText
	cborList
	cborMap
	cborTag
	cborOther
)

const (
	cborIndefinite = 31   // in the lower five bits: ends with a break
	cborBreak      = 0xff // ends what is indefinite
	cborTime       = 1    // the tag of seconds since 1970
	cborMaxDepth   = 32
)

var errCBOR = errors.New("the CBOR ends early or is malformed")

// decodeCBOR reads one value in the form that encoding/json gives and takes:
// numbers are int64 or float64, times are numbers.
func decodeCBOR(data []byte) (any, error) {
	r := &cborReader{data: data}
	v, err := r.value(0)
	if err == nil && len(r.data) > 0 {
		err = errors.New("there is something behind the CBOR value")
	}
	return v, err
}

type cborReader struct{ data []byte }

// head reads the first byte of a value with the number that follows it.
func (r *cborReader) head() (major, minor byte, n uint64, err error) {
	if len(r.data) == 0 {
		return 0, 0, 0, errCBOR
	}
	major, minor = r.data[0]&0xe0, r.data[0]&0x1f
	r.data = r.data[1:]
	if minor < 24 || minor == cborIndefinite {
		return major, minor, uint64(minor), nil
	}
	if minor > 27 {
		return 0, 0, 0, errCBOR
	}
	b, err := r.take(1 << (minor - 24))
	if err != nil {
		return 0, 0, 0, err
	}
	var wide [8]byte
	copy(wide[8-len(b):], b)
	return major, minor, binary.BigEndian.Uint64(wide[:]), nil
}

func (r *cborReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.data)) {
		return nil, errCBOR
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b, nil
}

func (r *cborReader) value(depth int) (any, error) {
	major, minor, n, err := r.head()
	switch {
	case err != nil:
		return nil, err
	case depth > cborMaxDepth:
		return nil, errors.New("the CBOR is nested too deeply")
	}
	switch major {
	case cborUint, cborNegative:
		if n > math.MaxInt64 || minor == cborIndefinite {
			return nil, errCBOR
		}
		if major == cborNegative {
			return -1 - int64(n), nil
		}
		return int64(n), nil
	case cborBytes, cborText:
		return r.text(major, minor, n)
	case cborList:
		return r.list(minor, n, depth)
	case cborMap:
		return r.members(minor, n, depth)
	case cborTag:
		if minor == cborIndefinite {
			return nil, errCBOR // a tag has a number
		}
		return r.value(depth + 1)
	}
	return cborSimple(minor, n)
}

// cborSimple reads booleans, null and floating-point numbers.
func cborSimple(minor byte, n uint64) (any, error) {
	switch minor {
	case 20, 21:
		return minor == 21, nil
	case 22, 23:
		return nil, nil //nolint:nilnil // null is a value of JSON
	case 26:
		return finite(float64(math.Float32frombits(uint32(n))))
	case 27:
		return finite(math.Float64frombits(n))
	}
	return nil, errCBOR
}

// finite refuses what JSON has no words for.
func finite(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errCBOR
	}
	return f, nil
}

// ended tells whether an indefinite value ends here, and takes the break.
func (r *cborReader) ended() bool {
	if len(r.data) == 0 || r.data[0] != cborBreak {
		return false
	}
	r.data = r.data[1:]
	return true
}

func (r *cborReader) text(major, minor byte, n uint64) (string, error) {
	if minor != cborIndefinite {
		b, err := r.take(n)
		return string(b), err
	}
	var all strings.Builder
	for !r.ended() {
		piece, minor, n, err := r.head()
		if err != nil || piece != major || minor == cborIndefinite {
			return "", errCBOR
		}
		b, err := r.take(n)
		if err != nil {
			return "", err
		}
		all.Write(b)
	}
	return all.String(), nil
}

func (r *cborReader) list(minor byte, n uint64, depth int) (any, error) {
	all := []any{}
	for i := uint64(0); minor == cborIndefinite || i < n; i++ {
		if minor == cborIndefinite && r.ended() {
			break
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (r *cborReader) members(minor byte, n uint64, depth int) (any, error) {
	all := map[string]any{}
	for i := uint64(0); minor == cborIndefinite || i < n; i++ {
		if minor == cborIndefinite && r.ended() {
			break
		}
		major, minor, n, err := r.head()
		if err != nil || major != cborText {
			return nil, errCBOR
		}
		name, err := r.text(major, minor, n)
		if err != nil {
			return nil, err
		}
		if all[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// encodeCBOR writes the shapes of a reply by the names that they have in JSON.
func encodeCBOR(v any) ([]byte, error) { return appendCBOR(nil, reflect.ValueOf(v)) }

func appendCBOR(b []byte, v reflect.Value) ([]byte, error) {
	if t, ok := reflect.TypeAssert[epoch](v); ok {
		b = append(b, cborTag|cborTime)
		return appendFloat(b, float64(t.UnixMilli())/1000), nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, cborOther|22), nil
		}
		return appendCBOR(b, v.Elem())
	case reflect.String:
		return append(appendHead(b, cborText, v.Len()), v.String()...), nil
	case reflect.Float64:
		return appendFloat(b, v.Float()), nil
	case reflect.Slice:
		b = appendHead(b, cborList, v.Len())
		for i := range v.Len() {
			var err error
			if b, err = appendCBOR(b, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return b, nil
	case reflect.Struct:
		return appendStruct(b, v)
	default:
		return nil, fmt.Errorf("write CBOR: a reply holds a %s", v.Type())
	}
}

// appendStruct writes a map of the members that JSON would have.
func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	type member struct {
		name  string
		value reflect.Value
	}
	var all []member
	for field, value := range v.Fields() {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		if option != "omitempty" || !value.IsZero() {
			all = append(all, member{name, value})
		}
	}
	b = appendHead(b, cborMap, len(all))
	for _, m := range all {
		b = append(appendHead(b, cborText, len(m.name)), m.name...)
		var err error
		if b, err = appendCBOR(b, m.value); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// appendHead writes a major type with a length.
func appendHead(b []byte, major byte, n int) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
}

func appendFloat(b []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(b, cborOther|27), math.Float64bits(f))
}
