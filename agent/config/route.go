package config

import (
	"errors"

	"github.com/weir-logs/weir/agent/config/strict"
	"github.com/weir-logs/weir/parsers/condition"
)

// checkRoutes judges which entry gets which records; fields are the names that records can have, nil: any.
func (f *Flow) checkRoutes(fields []string, report reporter) {
	conditions, others, everything := 0, -1, -1 // the default entry, and the first that gets every record
	for i := range f.Send {
		s := &f.Send[i]
		at := report.item("send", i)
		if s.When != "" {
			conditions++
			reportCondition(at, "when", s.When, fields)
		}
		if f.Compat && s.When != "" {
			at("when", "with compat: true records have no fields")
		}
		switch {
		case s.Default && s.When != "":
			at("default", "the default entry has no condition; it gets what the others' conditions do not take")
		case s.Default && others >= 0:
			at("default", "send[%d] is the default entry already", others)
		case s.Default:
			others = i
		case s.When == "" && everything < 0:
			everything = i
		}
	}
	if others >= 0 && conditions == 0 {
		report(index("send", others)+".default", "has no effect: no other entry has a condition, so each gets every record; give the others when")
	}
	if f.OnUnrouted != UnroutedDeadLetter {
		return
	}
	if others >= 0 {
		report("on_unrouted", "has no effect: send[%d] gets the records that no condition takes", others)
	} else if everything >= 0 {
		report("on_unrouted", "has no effect: send[%d] gets every record", everything)
	}
}

// reportCondition reports what is wrong with the expression under a key.
func reportCondition(report reporter, key, expression string, fields []string) {
	_, err := condition.Compile(expression, condition.Options{Fields: fields})
	var problem *condition.Error
	switch {
	case err == nil:
	case !errors.As(err, &problem):
		report(key, "%v", err)
	case problem.Word != "" && strict.Nearest(problem.Word, problem.Known) != "":
		report(key, "%v; did you mean %q?", err, strict.Nearest(problem.Word, problem.Known))
	default:
		report(key, "%v", err)
	}
}
