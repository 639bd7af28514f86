package original

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/weir-logs/weir/agent/config"
)

// nameOf is the destination by its bare name: the original agent knows no ARN.
func nameOf(s config.Send) string {
	bare := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	if s.Stream != "" {
		return "stream " + bare(s.Stream)
	}
	return "delivery stream " + bare(s.DeliveryStream)
}

// parseFlow takes a flow's id apart.
func parseFlow(id string) (destination, pattern string, err error) {
	kind, rest, _ := strings.Cut(id, ":")
	name, pattern, ok := strings.Cut(rest, ":")
	switch {
	case ok && kind == "kinesis":
		return "stream " + name, pattern, nil
	case ok && kind == "fh":
		return "delivery stream " + name, pattern, nil
	}
	return "", "", fmt.Errorf("the flow's id %q has not the form kinesis:STREAM:PATTERN or fh:STREAM:PATTERN", id)
}

// parseFileID reads what Java prints of a file's key on Unix: (dev=fd00,ino=12345), the device in hexadecimal. The device number is not
// looked at: it may be another one after a reboot.
func parseFileID(text string) (inode uint64, err error) {
	rest, ok := strings.CutPrefix(text, "(dev=")
	device, rest, ok2 := strings.Cut(rest, ",ino=")
	number, ok3 := strings.CutSuffix(rest, ")")
	if ok && ok2 && ok3 {
		_, deviceErr := strconv.ParseUint(device, 16, 64)
		inode, err = strconv.ParseUint(number, 10, 64)
		if deviceErr == nil && err == nil && inode > 0 {
			return inode, nil
		}
	}
	return 0, fmt.Errorf("the file id %.80q has not the form (dev=HEX,ino=NUMBER), so the file cannot be found by it; "+
		"weir positions set says by hand where it is read on", text)
}
