package parsers

// grokPatterns returns the patterns that are always there, by the names that users of grok know. The expressions are RE2's and weir's own: they tell
// the shape of a thing, and leave judging it to whoever reads the field.
func grokPatterns() map[string]string {
	return map[string]string{
		// Text.
		"WORD": `\b\w+\b`, "NOTSPACE": `\S+`, "SPACE": `\s*`, "DATA": `.*?`, "GREEDYDATA": `.*`,
		"QUOTEDSTRING": `"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`, "QS": `%{QUOTEDSTRING}`,
		"UUID":     `[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`,
		"LOGLEVEL": `(?i:trace|debug|fine|info(?:rmation)?|notice|warn(?:ing)?|err(?:or)?|severe|crit(?:ical)?|alert|fatal|panic|emerg(?:ency)?)`,

		// Numbers.
		"INT": `[+-]?[0-9]+`, "POSINT": `[1-9][0-9]*`, "NONNEGINT": `[0-9]+`,
		"NUMBER": `[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)`, "BASE10NUM": `%{NUMBER}`, "BASE16NUM": `[+-]?(?:0[xX])?[0-9A-Fa-f]+`,
		"BOOL": `true|false`,

		// Hosts and people.
		"IPV4": `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`,
		"IPV6": `(?:[0-9A-Fa-f]{0,4}:){2,7}(?:%{IPV4}|[0-9A-Fa-f]{0,4})(?:%[0-9A-Za-z._-]+)?`,
		"IP":   `%{IPV6}|%{IPV4}`, "MAC": `(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}`,
		"HOSTNAME": `[0-9A-Za-z_][0-9A-Za-z_-]*(?:\.[0-9A-Za-z_-]+)*\.?`, "HOST": `%{HOSTNAME}`,
		"IPORHOST": `%{IP}|%{HOSTNAME}`, "HOSTPORT": `%{IPORHOST}:%{POSINT}`,
		"USERNAME": `[0-9A-Za-z._-]+`, "USER": `%{USERNAME}`, "EMAILADDRESS": `[0-9A-Za-z._%+-]+@%{HOSTNAME}`,

		// Paths and addresses.
		"UNIXPATH": `/\S*`, "WINPATH": `(?:[A-Za-z]:|\\)\\[^<>:"|?*]*`, "PATH": `%{UNIXPATH}|%{WINPATH}`,
		"URIPROTO": `[A-Za-z][0-9A-Za-z+.-]*`, "URIHOST": `%{IPORHOST}(?::[0-9]+)?`, "URIPATH": `/[^\s?#]*`, "URIPARAM": `\?[^\s#]*`,
		"URIPATHPARAM": `%{URIPATH}(?:%{URIPARAM})?`, "URI": `%{URIPROTO}://(?:[^\s/@]+@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?(?:#\S*)?`,

		// Dates and times.
		"MONTH": `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`,
		"DAY":   `(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)`,
		"YEAR":  `[0-9]{4}`, "MONTHNUM": `0?[1-9]|1[0-2]`, "MONTHDAY": `0[1-9]|[12][0-9]|3[01]|[1-9]`,
		"HOUR": `[01]?[0-9]|2[0-3]`, "MINUTE": `[0-5][0-9]`, "SECOND": `(?:[0-5]?[0-9]|60)(?:[.,:][0-9]+)?`,
		"TIME": `%{HOUR}:%{MINUTE}:%{SECOND}`, "ISO8601_TIMEZONE": `Z|[+-][0-9]{2}:?[0-9]{2}`,
		"TIMESTAMP_ISO8601": `%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:%{ISO8601_TIMEZONE})?`,
		"DATE_US":           `%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}`, "DATE_EU": `%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}`,
		"DATE": `%{DATE_US}|%{DATE_EU}`, "SYSLOGTIMESTAMP": `%{MONTH} +%{MONTHDAY} %{TIME}`,
		"HTTPDATE": `%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} [+-][0-9]{4}`,

		// Programs.
		"PROG": `[!-Z\\^-~]+`, "SYSLOGPROG": `%{PROG}(?:\[%{POSINT}\])?`,
		"JAVACLASS": `(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*`, "JAVAFILE": `[\w$. -]+`,
	}
}
