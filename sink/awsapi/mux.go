package awsapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
)

// The content types that are spoken. A request is answered in its own.
const (
	contentJSON  = "application/x-amz-json-1.1"
	contentPlain = "application/json"
	contentCBOR  = "application/x-amz-cbor-1.1"
)

// Mux answers the requests of one or more services over HTTP. What is asked for stands in the header X-Amz-Target, so
// the path does not matter. Its methods may be called from many goroutines.
type Mux struct {
	routes  map[string]*route // by target
	observe func(context.Context, Event)
	buffers buffers
	bodies  *budget
	answers *budget
}

// route is one operation, ready to be called.
type route struct {
	Handler
	signing string
	in      *plan
	out     *plan // nil: an empty body
	short   shortcut
	limit   int64
}

// NewMux joins the operations of services to a handler. An error means that a handler's types do not fit its
// operation's shapes, or that two have the same name.
func NewMux(services []Service, o Options) (*Mux, error) {
	m := &Mux{routes: make(map[string]*route), observe: o.Observe, bodies: newBudget(o.Memory), answers: newBudget(o.Memory)}
	for _, s := range services {
		for _, h := range s.Handlers {
			if h.Operation == nil {
				return nil, fmt.Errorf("service %s has a handler without an operation; make handlers with Handle", s.Target)
			}
			target := s.Target + "." + h.Operation.Name
			if m.routes[target] != nil {
				return nil, fmt.Errorf("operation %s has two handlers", target)
			}
			r, err := newRoute(s, h)
			if err != nil {
				return nil, fmt.Errorf("operation %s: %w", target, err)
			}
			m.routes[target] = r
		}
	}
	return m, nil
}

func newRoute(s Service, h Handler) (*route, error) {
	r := &route{Handler: h, signing: s.Signing, limit: h.Operation.MaxBody}
	if r.limit == 0 {
		r.limit = defaultBody
	}
	var err error
	if r.in, err = newPlan(h.Operation.Input, reflect.TypeOf(h.newInput())); err != nil {
		return nil, err
	}
	r.short = shortcutFor(r.in)
	if h.Operation.Output != nil {
		if r.out, err = newPlan(h.Operation.Output, h.output); err != nil {
			return nil, err
		}
		addDirect(r.out)
	}
	return r, nil
}

// ServeHTTP answers one request.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions && r.Header.Get("Origin") != "" {
		preflight(w, r)
		return
	}
	x := exchange{mux: m, w: w, r: r, event: Event{Request: Request{ID: requestID()}}}
	start := time.Now()
	x.serve()
	if m.observe != nil {
		x.event.Duration = time.Since(start)
		m.observe(r.Context(), x.event)
	}
}

// exchange is one request and its answer.
type exchange struct {
	mux     *Mux
	w       http.ResponseWriter
	r       *http.Request
	event   Event
	content string // type of the answer
}

// serve takes the steps in the order in which the services take them, which shows in what a request with two faults is
// answered: method, body, content type, syntax, target, authentication, types, bounds.
func (x *exchange) serve() {
	header := x.r.Header.Get("Content-Type")
	if x.r.Method != http.MethodPost || header == "" {
		x.refuseXML(http.StatusForbidden, codeAccessDenied, "Unable to determine service/operation name to be authorized")
		return
	}
	media, _, _ := strings.Cut(header, ";")
	switch x.content = strings.ToLower(strings.TrimSpace(media)); x.content {
	case contentJSON, contentPlain:
	case contentCBOR:
		x.refuseXML(http.StatusNotFound, codeUnknown, "CBOR is not offered: set AWS_CBOR_DISABLE=true (Java: "+
			"-Daws.cborEnabled=false) to make the client speak "+contentJSON)
		return
	default:
		x.refuseXML(http.StatusNotFound, codeUnknown, "")
		return
	}
	target := x.r.Header.Get("X-Amz-Target")
	route := x.mux.routes[target]
	if route != nil {
		x.event.Service, x.event.Operation = route.signing, route.Operation.Name
	}
	limit := int64(defaultBody)
	if route != nil {
		limit = route.limit
	}
	share, err := x.mux.bodies.take(x.r.Context(), bodySize(x.r, limit))
	if err != nil {
		x.refuse(err)
		return
	}
	defer share.keep(0) // the input is as large as the body, and in use until the answer
	in, err := x.receive(route, target, limit)
	if err != nil {
		x.refuse(err)
		return
	}
	x.answer(route, in)
}

// receive makes the operation's input of the request. It is free of the body's buffer, which is in use no longer than this.
func (x *exchange) receive(route *route, target string, limit int64) (any, error) {
	arrived := hurry(x.w, bodySize(x.r, limit))
	buf := x.mux.buffers.get()
	defer x.mux.buffers.put(buf)
	var err error
	*buf, err = readBody(*buf, x.r, limit)
	x.event.In = len(*buf)
	if err != nil {
		return nil, err
	}
	arrived()
	return x.input(route, target, *buf)
}

// input reads and judges the body.
func (x *exchange) input(route *route, target string, body []byte) (any, error) {
	if len(body) == 0 {
		return nil, &Error{Code: codeSerialization, Message: "The request has no body"}
	}
	var fault error
	if route == nil {
		fault = unknownTarget(target)
	} else {
		var s scope
		s, fault = authenticate(x.r)
		x.event.Region, x.event.AccessKey = s.region, s.accessKey
	}
	if fault != nil {
		if err := wellFormed(body); err != nil {
			return nil, err
		}
		return nil, fault
	}
	return route.read(body)
}

func unknownTarget(target string) error {
	if target == "" {
		return &Error{Code: codeUnknown, Message: "The header X-Amz-Target is missing"}
	}
	return &Error{Code: codeUnknown, Message: fmt.Sprintf("The operation %.200q is not offered here", target)}
}

// read makes the input of a body, by the short way if there is one and it will.
func (r *route) read(body []byte) (any, error) {
	if r.short != nil {
		if in, ok := r.short(body); ok {
			return in, nil
		}
	}
	x, err := decodeJSON(r.in, body)
	if err == nil {
		err = validate(r.Operation, r.in, &x)
	}
	if err != nil {
		return nil, err
	}
	in := r.newInput()
	bind(r.in, &x, reflect.ValueOf(in).Elem())
	return in, nil
}

// answer calls the operation and writes what it returns.
func (x *exchange) answer(route *route, in any) {
	ctx := context.WithValue(x.r.Context(), requestKey{}, x.event.Request)
	share, err := x.mux.answers.take(ctx, max(route.Operation.Memory, smallBody))
	if err != nil {
		x.refuse(err)
		return
	}
	defer share.keep(0)
	out, err := protect(ctx, route, in)
	if err != nil {
		x.refuse(err)
		return
	}
	buf := x.mux.buffers.get()
	defer x.mux.buffers.put(buf)
	if route.out != nil {
		*buf = encode(*buf, route.out, reflect.ValueOf(out))
	}
	share.keep(int64(cap(*buf))) // the output is not needed any more
	x.write(http.StatusOK, *buf)
}

// protect calls the operation. A panic of it is an error of this request alone, except the one by which a handler asks
// the server to drop the connection.
func protect(ctx context.Context, route *route, in any) (out any, err error) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler {
			panic(cause)
		}
		err = fmt.Errorf("operation %s panicked: %v\n%s", route.Operation.Name, cause, debug.Stack())
	}()
	if out, err = route.call(ctx, in); err == nil && route.out != nil && reflect.ValueOf(out).IsNil() {
		err = fmt.Errorf("operation %s returned neither an output nor an error", route.Operation.Name)
	}
	return out, err
}
