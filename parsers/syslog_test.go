package parsers

import (
	"strings"
	"testing"
)

func TestSyslogRFC3164(t *testing.T) {
	runParse(t, mustParser(t, "syslog", Options{}), []parseCase{
		{"file of a daemon", `Jun 14 15:16:01 alpha sshd(pam_unix)[4711]: session closed; bob`,
			`time=Jun 14 15:16:01|host=alpha|app=sshd(pam_unix)|pid=4711|message=session closed; bob`},
		{"kernel", `Jul  9 12:16:49 alpha kernel: [    0.004] log source 7.1 = /dev/kmsg is open.`,
			`time=Jul  9 12:16:49|host=alpha|app=kernel|message=[    0.004] log source 7.1 = /dev/kmsg is open.`},
		{"priority", `<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8`,
			`priority=34|facility=auth|severity=crit|time=Oct 11 22:14:15|host=mymachine|app=su|message='su root' failed for lonvick on /dev/pts/8`},
		{"priority 0, IPv6 host", `<0>Oct 11 22:14:15 2001:db8::7 app[1]: x`,
			`priority=0|facility=kern|severity=emerg|time=Oct 11 22:14:15|host=2001:db8::7|app=app|pid=1|message=x`},
		{"highest priority", `<191>Oct 11 22:14:15 h a: x`, `priority=191|facility=local7|severity=debug|time=Oct 11 22:14:15|host=h|app=a|message=x`},
		{"no host, as on /dev/log", `<13>Feb  5 17:32:18 cron[7]: (root) CMD (x)`,
			`priority=13|facility=user|severity=notice|time=Feb  5 17:32:18|app=cron|pid=7|message=(root) CMD (x)`},
		{"no tag", `Jul  9 12:16:49 alpha last message repeated 2 times`, `time=Jul  9 12:16:49|host=alpha|message=last message repeated 2 times`},
		{"a version before the colon is no tag", `Jul  9 12:16:49 alpha rotated 2.0.1: again.`, `time=Jul  9 12:16:49|host=alpha|message=rotated 2.0.1: again.`},
		{"dashes and slashes in the tag", `Jul  9 12:16:49 h postfix/smtpd[12]: connect`, `time=Jul  9 12:16:49|host=h|app=postfix/smtpd|pid=12|message=connect`},
		{"colons in the tag", `Jul  9 12:16:49 h Foo::Bar[12]: x`, `time=Jul  9 12:16:49|host=h|app=Foo::Bar|pid=12|message=x`},
		{"empty pid", `Jul  9 12:16:49 h kernel[]: x`, `time=Jul  9 12:16:49|host=h|app=kernel|pid=|message=x`},
		{"bracket that does not close", `Jul  9 12:16:49 h app[12: x`, `time=Jul  9 12:16:49|host=h|message=app[12: x`},
		{"no space after the colon", `Jul  9 12:16:49 h %ASA-6-302013:Built`, `time=Jul  9 12:16:49|host=h|message=%ASA-6-302013:Built`},
		{"only a host", `Jul  9 12:16:49 h`, `time=Jul  9 12:16:49|host=h`},
		{"host and a space", `Jul  9 12:16:49 h `, `time=Jul  9 12:16:49|host=h|message=`},
		{"only a tag", `Jul  9 12:16:49 h a[1]:`, `time=Jul  9 12:16:49|host=h|app=a|pid=1`},
		{"empty message", `Jul  9 12:16:49 h a[1]: `, `time=Jul  9 12:16:49|host=h|app=a|pid=1|message=`},
		{"two spaces", `Jul  9 12:16:49 h  x: y`, `time=Jul  9 12:16:49|host=h|message= x: y`},
		{"a message that is a dash", `Jul  9 12:16:49 - a: -`, `time=Jul  9 12:16:49|host=~-|app=a|message=-`},
		{"day without padding, milliseconds", `Jul 9 12:16:49.123 h a: x`, `time=Jul 9 12:16:49.123|host=h|app=a|message=x`},
		{"day padded with a zero", `Jul 09 12:16:49 h a: x`, `time=Jul 09 12:16:49|host=h|app=a|message=x`},
		{"rsyslog's stamp", `2024-02-05T10:11:12.123456+01:00 web-1 sshd[7]: x`, `time=2024-02-05T10:11:12.123456+01:00|host=web-1|app=sshd|pid=7|message=x`},
		{"the same with a priority, in UTC", `<165>2024-02-05T10:11:12Z web-1 a: x`,
			`priority=165|facility=local4|severity=notice|time=2024-02-05T10:11:12Z|host=web-1|app=a|message=x`},
		{"journalctl's stamp", `2024-02-05T10:11:12+0100 h a: x`, `time=2024-02-05T10:11:12+0100|host=h|app=a|message=x`},
		{"not UTF-8, stray carriage return", "Jul  9 12:16:49 h a: \xff\rb", "time=Jul  9 12:16:49|host=h|app=a|message=\xff\rb"},

		{"a year", `Jul  9 2024 12:16:49 h a[1]: x`, `time=Jul  9 2024 12:16:49|host=h|app=a|pid=1|message=x`},
		{"a firewall", `<166>Feb 05 2024 10:11:12: %ASA-6-302013: Built x`,
			`priority=166|facility=local4|severity=info|time=Feb 05 2024 10:11:12|app=%ASA-6-302013|message=Built x`},
		{"a firewall and its name", `Feb 05 2024 10:11:12 fw1 : %ASA-6-302013: Built x`, `time=Feb 05 2024 10:11:12|host=fw1|app=%ASA-6-302013|message=Built x`},
		{"a router whose clock is not in step", `*Feb  5 10:11:12.123: %SYS-5-CONFIG_I: x`, `time=*Feb  5 10:11:12.123|app=%SYS-5-CONFIG_I|message=x`},
		{"a router's zone", `Feb  5 10:11:12.123 CEST: %SYS-5-CONFIG_I: x`, `time=Feb  5 10:11:12.123 CEST|app=%SYS-5-CONFIG_I|message=x`},
		{"a switch", `<189>: 2024 Feb  5 10:11:12 UTC: %ETHPORT-5-IF_UP: x`,
			`priority=189|facility=local7|severity=notice|time=2024 Feb  5 10:11:12 UTC|app=%ETHPORT-5-IF_UP|message=x`},
		{"a tag in capitals is no zone", `Feb  5 10:11:12 CRON: x`, `time=Feb  5 10:11:12|app=CRON|message=x`},
		{"a tag before a %", `Feb  5 10:11:12 df: %used 7`, `time=Feb  5 10:11:12|app=df|message=%used 7`},
		{"IPv6 host that ends in colons", `Feb  5 10:11:12 2001:db8:: a: x`, `time=Feb  5 10:11:12|host=2001:db8::|app=a|message=x`},
		{"a tag that ends in colons", `Feb  5 10:11:12 h Foo::: x`, `time=Feb  5 10:11:12|host=h|app=Foo::|message=x`},

		{"empty", ``, noMatch},
		{"only a priority", `<13>`, noMatch},
		{"priority too large", `<192>Jul  9 12:16:49 h a: x`, noMatch},
		{"priority far too large", `<99999999999999999999>Jul  9 12:16:49 h a: x`, noMatch},
		{"priority with a zero in front", `<013>Jul  9 12:16:49 h a: x`, noMatch},
		{"no priority in the brackets", `<>Jul  9 12:16:49 h a: x`, noMatch},
		{"priority not closed", `<13Jul  9 12:16:49 h a: x`, noMatch},
		{"no such month", `Jux  9 12:16:49 h a: x`, noMatch},
		{"three digits of a year", `Jul  9 202 12:16:49 h a: x`, noMatch},
		{"a year alone", `Jul  9 2024 h a: x`, noMatch},
		{"a year before the month, but no %", `2024 Jul  9 12:16:49: x`, noMatch},
		{"a mark, but no %", `*Jul  9 12:16:49: x`, noMatch},
		{"a colon after the stamp, but no %", `Jul  9 12:16:49: x`, noMatch},
		{"a colon in front, but no %", `: Jul  9 12:16:49 h a: x`, noMatch},
		{"day of three digits", `Jul 123 12:16:49 h a: x`, noMatch},
		{"no seconds", `Jul  9 12:16 h a: x`, noMatch},
		{"only a stamp", `Jul  9 12:16:49`, noMatch},
		{"stamp and a space", `Jul  9 12:16:49 `, noMatch},
		{"two spaces after the stamp", `Jul  9 12:16:49  h a: x`, noMatch},
		{"date without a zone", `2024-02-05T10:11:12 h a: x`, noMatch},
		{"date with a space", `2024-02-05 10:11:12+01:00 h a: x`, noMatch},
		{"RFC 5424 without a priority", `1 2024-02-05T10:11:12Z h a 1 - - x`, noMatch},
	})
}

func TestSyslogRFC5424(t *testing.T) {
	const head = `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog `
	const fields = `priority=165|facility=local4|severity=notice|time=2003-10-11T22:14:15.003Z|host=mymachine.example.com|app=evntslog|`
	runParse(t, mustParser(t, "syslog", Options{}), []parseCase{
		{"of the RFC, byte order mark", "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xEF\xBB\xBF'su root' failed",
			`priority=34|facility=auth|severity=crit|time=2003-10-11T22:14:15.003Z|host=mymachine.example.com|app=su|pid=~-|msgid=ID47|structured_data=~-|message='su root' failed`},
		{"structured data", head + `- ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"] an event`,
			fields + `pid=~-|msgid=ID47|structured_data={{"exampleSDID@32473":{"iut":"3","eventSource":"Application","eventID":"1011"},"examplePriority@32473":{"class":"high"}}|message=an event`},
		{"only structured data", head + `8710 - [a@1]`, fields + `pid=8710|msgid=~-|structured_data={{"a@1":{}}`},
		{"escapes", head + `1 - [a b="\"\\\]\n" c="" d="é]"] x`, fields + `pid=1|msgid=~-|structured_data={{"a":{"b":"\"\\]\\n","c":"","d":"é]"}}|message=x`},
		{"duplicates", head + `1 - [a ip="1" ip="2"][a x="3"]`, fields + `pid=1|msgid=~-|structured_data={{"a":{"ip":"1","ip":"2"},"a":{"x":"3"}}`},
		{"not UTF-8, control characters", head + "1 - [a b=\"\xff\n\x00\"]", fields + "pid=1|msgid=~-|structured_data={{\"a\":{\"b\":\"\uFFFD\\n\\u0000\"}}"},
		{"everything missing", `<0>1 - - - - - -`, `priority=0|facility=kern|severity=emerg|time=~-|host=~-|app=~-|pid=~-|msgid=~-|structured_data=~-`},
		{"empty message", `<0>1 - - - - - - `, `priority=0|facility=kern|severity=emerg|time=~-|host=~-|app=~-|pid=~-|msgid=~-|structured_data=~-|message=`},
		{"bracket in the message", `<0>1 - - - - - - [a b="c"]`, `priority=0|facility=kern|severity=emerg|time=~-|host=~-|app=~-|pid=~-|msgid=~-|structured_data=~-|message=[a b="c"]`},

		{"much of it", head + `1 - [a b="` + strings.Repeat("x", maxData-len(`[a b=""]`)) + `"] x`,
			fields + `pid=1|msgid=~-|structured_data={{"a":{"b":"` + strings.Repeat("x", maxData-len(`[a b=""]`)) + `"}}|message=x`},
		{"too much of it", head + `1 - [a b="` + strings.Repeat("x", maxData-len(`[a b=""]`)+1) + `"] x`, noMatch},
		{"too many parameters", head + `1 - [a` + strings.Repeat(` b=""`, maxMembers) + `]`, noMatch},
		{"no structured data", head + `1 -`, noMatch},
		{"no space before the message", head + `1 - -x`, noMatch},
		{"element without a name", head + `1 - []`, noMatch},
		{"element not closed", head + `1 - [a b="c"`, noMatch},
		{"value not closed", head + `1 - [a b="c]`, noMatch},
		{"value without quotes", head + `1 - [a b=c]`, noMatch},
		{"value that ends in a backslash", head + `1 - [a b="c\`, noMatch},
		{"two spaces in an element", head + `1 - [a  b="c"]`, noMatch},
		{"space between elements", head + `1 - [a] [b]`, fields + `pid=1|msgid=~-|structured_data={{"a":{}}|message=[b]`},
		{"parameter without a name", head + `1 - [a ="c"]`, noMatch},
		{"joined to the message", head + `1 - [a]x`, noMatch},
		{"stamp of RFC 3164", `<34>1 Oct 11 22:14:15 h a 1 - - x`, noMatch},
		{"empty host", `<34>1 -  a 1 - - x`, noMatch},
		{"another version", `<34>2 - h a 1 - - x`, noMatch},
	})
}

func TestSyslogOneOnly(t *testing.T) {
	const old, new = `<34>Oct 11 22:14:15 h su[1]: x`, `<34>1 - h su 01 - - x`
	runParse(t, mustParser(t, "rfc3164", Options{Infer: true}), []parseCase{
		{"its own", old, `priority=#34|facility=auth|severity=crit|time=Oct 11 22:14:15|host=h|app=su|pid=#1|message=x`}, {"the other", new, noMatch}})
	runParse(t, mustParser(t, "rfc5424", Options{Infer: true}), []parseCase{
		{"the other", old, noMatch}, {"its own", new, `priority=#34|facility=auth|severity=crit|time=~-|host=h|app=su|pid=01|msgid=~-|structured_data=~-|message=x`}})
}
