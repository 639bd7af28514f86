package awsapi

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
)

// maxAge is how long a browser may remember the answer to a CORS request, in seconds.
const maxAge = "172800"

// write sends an answer. Nothing is done about an error: the client is gone.
func (x *exchange) write(status int, body []byte) {
	h := x.w.Header()
	h["X-Amzn-Requestid"] = []string{x.event.ID}
	h["X-Amz-Id-2"] = []string{extendedID()}
	if x.r.Header.Get("Origin") != "" {
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Expose-Headers",
			"x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date")
	}
	if x.content != "" {
		h["Content-Type"] = []string{x.content}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.event.Status, x.event.Out = status, len(body)
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body)
}

// refuse sends an error.
func (x *exchange) refuse(err error) {
	f := failureOf(err)
	if f.hidden {
		x.event.Err = err
	}
	x.event.Code = f.code
	x.w.Header().Set("X-Amzn-Errortype", f.code)
	x.write(f.status, f.append(nil))
}

// refuseXML sends an error to who has not said which encoding is wanted.
func (x *exchange) refuseXML(status int, code, message string) {
	x.event.Code = code
	x.content = "" // whatever was asked for, this is none of it
	body := "<" + code + "/>\n"
	if message != "" {
		body = fmt.Sprintf("<%s>\n  <Message>%s</Message>\n</%[1]s>\n", code, message)
	}
	x.w.Header().Set("Content-Type", "text/xml")
	x.write(status, []byte(body))
}

// preflight answers a browser that asks what it may send: everything.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["X-Amzn-Requestid"] = []string{requestID()}
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Max-Age", maxAge)
	for ask, allow := range map[string]string{
		"Access-Control-Request-Headers": "Access-Control-Allow-Headers",
		"Access-Control-Request-Method":  "Access-Control-Allow-Methods",
	} {
		if asked := r.Header.Get(ask); asked != "" {
			h.Set(allow, asked)
		}
	}
	h["Content-Length"] = []string{"0"}
	w.WriteHeader(http.StatusOK)
}

// requestID draws a random UUID. It names a request in logs and is no secret.
func requestID() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	b[6] = b[6]&0x0f | 0x40 // version 4
	b[8] = b[8]&0x3f | 0x80 // the variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// extendedID draws the second, longer name of a request: 64 characters.
func extendedID() string {
	var b [48]byte
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], rand.Uint64())
	}
	return base64.StdEncoding.EncodeToString(b[:])
}
