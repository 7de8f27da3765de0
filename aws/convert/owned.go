package convert

import (
	"reflect"
	"unique"
)

// owned gives a row strings of its own, and rows of the same time one copy of each: the
// SDK cuts the strings of an answer from one block, all of which a single ARN would keep
// for as long as the account is on screen. The row is new: nothing else has its slices.
func owned[T any](row T) T {
	own(reflect.ValueOf(&row).Elem())
	return row
}

func own(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // other kinds hold no strings, or none that can be set
	case reflect.String:
		if v.Len() > 0 {
			v.SetString(unique.Make(v.String()).Value())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				own(field)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			own(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			own(v.Elem())
		}
	case reflect.Map:
		ownMap(v)
	}
}

// ownMap makes a map anew, as its keys cannot be changed.
func ownMap(v reflect.Value) {
	if v.IsNil() {
		return
	}
	next := reflect.MakeMapWithSize(v.Type(), v.Len())
	for at := v.MapRange(); at.Next(); {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(at.Key())
		value.Set(at.Value())
		own(key)
		own(value)
		next.SetMapIndex(key, value)
	}
	v.Set(next)
}
