package config

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

const notRegex = "not a regular expression of RE2"

// located returns reason, which is why pattern is refused. If it is that pattern is no regular expression, it says what is wrong with it, and at
// which of its characters.
func located(reason, pattern string) string {
	if !strings.HasPrefix(reason, notRegex) {
		return reason
	}
	_, err := syntax.Parse(pattern, syntax.Perl)
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return reason
	}
	text := fmt.Sprintf(notRegex+": %s: `%s`", wrong.Code, wrong.Expr)
	if at := strings.Index(pattern, wrong.Expr); at >= 0 && wrong.Expr != pattern && wrong.Expr != "" {
		text += fmt.Sprintf(" at character %d", 1+utf8.RuneCountInString(pattern[:at]))
	}
	if strings.HasPrefix(wrong.Expr, "(?") || strings.HasPrefix(wrong.Expr, `\`) {
		text += "; it has no looking around and no back references"
	}
	return text
}
