package parsers

import "testing"

func TestApacheError22(t *testing.T) {
	const head, fields = `[Mon Feb 05 04:47:44 2005] [error] `, `time=Mon Feb 05 04:47:44 2005|level=error|`
	runParse(t, mustParser(t, "apache_error", Options{}), []parseCase{
		{"client", head + `[client 192.0.2.1] File does not exist: /srv/www/a`, fields + `client=192.0.2.1|message=File does not exist: /srv/www/a`},
		{"no client", `[Mon Feb 05 04:47:44 2005] [notice] cache is ready: 8 slots in /srv/cache`,
			`time=Mon Feb 05 04:47:44 2005|level=notice|message=cache is ready: 8 slots in /srv/cache`},
		{"error after the client", head + `[client 192.0.2.1] (13)Permission denied: access to /x denied`, fields + `client=192.0.2.1|error_code=13|error_text=Permission denied|message=access to /x denied`},
		{"error without a client", head + `(98)Address already in use: make_sock: could not bind to address [::]:80`,
			fields + `error_code=98|error_text=Address already in use|message=make_sock: could not bind to address [::]:80`},
		{"Windows", head + `(OS 10054)An existing connection was closed.  : core`, fields + `error_code=10054|error_text=An existing connection was closed.  |message=core`},
		{"IPv6 client, which has no port", head + `[client 2001:db8::7:80] x`, fields + `client=2001:db8::7:80|message=x`},
		{"client that is a name", head + `[client www.example.com] x`, fields + `client=www.example.com|message=x`},
		{"referer", head + `[client 192.0.2.1] File does not exist: /x, referer: http://a/`, fields + `client=192.0.2.1|message=File does not exist: /x, referer: http://a/`},
		{"stray carriage return", head + "a\r", fields + "message=a\r"},
		{"brackets of the message", head + `[client two words] x`, fields + `message=[client two words] x`},
		{"client not closed", head + `[client 192.0.2.1 x`, fields + `message=[client 192.0.2.1 x`},
		{"no error after all", head + `(13) x`, fields + `message=(13) x`},
		{"a number in brackets", head + `(13)`, fields + `message=(13)`},
		{"a word in brackets", head + `(x)y: z`, fields + `message=(x)y: z`},
		{"two spaces", head + ` x`, fields + `message= x`},
		{"no message", `[Mon Feb 05 04:47:44 2005] [error]`, `time=Mon Feb 05 04:47:44 2005|level=error`},
		{"empty message", head, fields + `message=`},

		{"empty", ``, noMatch},
		{"without brackets", `sh: foo: command not found`, noMatch},
		{"only a time", `[Mon Feb 05 04:47:44 2005]`, noMatch},
		{"no level", `[Mon Feb 05 04:47:44 2005] x`, noMatch},
		{"empty level", `[Mon Feb 05 04:47:44 2005] [] x`, noMatch},
		{"no level after the module", `[Mon Feb 05 04:47:44 2005] [core:] x`, noMatch},
		{"two colons", `[Mon Feb 05 04:47:44 2005] [a:b:c] x`, noMatch},
		{"level not closed", `[Mon Feb 05 04:47:44 2005] [error x`, noMatch},
		{"joined", `[Mon Feb 05 04:47:44 2005] [error]x`, noMatch},
		{"no such month", `[Mon Fex 05 04:47:44 2005] [error] x`, noMatch},
		{"a year after the day", `[Mon Feb 05 2005 04:47:44 2005] [error] x`, noMatch},
		{"no year", `[Mon Feb 05 04:47:44] [error] x`, noMatch},
		{"nginx", `2024/02/05 10:11:12 [error] 7#7: *1 x`, noMatch},
	})
}

func TestApacheError24(t *testing.T) {
	const stamp, time = `[Thu Jun 09 06:07:05.123456 2005] `, `time=Thu Jun 09 06:07:05.123456 2005|`
	runParse(t, mustParser(t, "apache_error", Options{Infer: true}), []parseCase{
		{"everything", stamp + `[proxy:debug] [pid 35708:tid 4328636416] proxy_util.c(2809): (70007)The timeout specified has expired: [client 192.0.2.1:53102] AH00135: text: more`,
			time + `module=proxy|level=debug|pid=#35708|tid=#4328636416|source=proxy_util.c(2809)|error_code=#70007|error_text=The timeout specified has expired|client=192.0.2.1|port=#53102|code=AH00135|message=text: more`},
		{"no thread, no client", stamp + `[mpm_prefork:notice] [pid 7] AH00163: Apache/2.4.62 (Debian) configured -- resuming normal operations`,
			time + `module=mpm_prefork|level=notice|pid=#7|code=AH00163|message=Apache/2.4.62 (Debian) configured -- resuming normal operations`},
		{"no module", stamp + `[:error] [pid 7] [client 192.0.2.1:5310] PHP Notice:  x`, time + `module=~|level=error|pid=#7|client=192.0.2.1|port=#5310|message=PHP Notice:  x`},
		{"module that is a dash", stamp + `[-:error] [pid 7] x`, time + `module=~-|level=error|pid=#7|message=x`},
		{"digits in names", stamp + `[php7:trace8] [pid 7] x`, time + `module=php7|level=trace8|pid=#7|message=x`},
		{"IPv6 client and its port", stamp + `[core:info] [pid 7] [client 2001:db8::7:53102] AH00128: x`, time + `module=core|level=info|pid=#7|client=2001:db8::7|port=#53102|code=AH00128|message=x`},
		{"the same in full", stamp + `[core:info] [pid 7] [client 2001:db8:1:2:3:4:5:6:53102] x`, time + `module=core|level=info|pid=#7|client=2001:db8:1:2:3:4:5:6|port=#53102|message=x`},
		{"in brackets", stamp + `[core:info] [pid 7] [client [2001:db8::7]:80] x`, time + `module=core|level=info|pid=#7|client=[2001:db8::7]|port=#80|message=x`},
		{"IPv6 without a port", stamp + `[core:info] [pid 7] [client 2001:db8::7] x`, time + `module=core|level=info|pid=#7|client=2001:db8::7|message=x`},
		{"IPv6 whose last group is no port", stamp + `[core:info] [pid 7] [client 2001:db8::7:0080] x`, time + `module=core|level=info|pid=#7|client=2001:db8::7:0080|message=x`},
		{"no port, no name", stamp + `[core:info] [pid 7] [client 192.0.2.1:65536] x`, time + `module=core|level=info|pid=#7|client=192.0.2.1:65536|message=x`},
		{"other side", stamp + `[proxy:error] [pid 7] [remote 192.0.2.9:8080] x`, time + `module=proxy|level=error|pid=#7|remote=192.0.2.9|port=#8080|message=x`},
		{"only the first client", stamp + `[:error] [pid 7] [client 192.0.2.1:1] [client 192.0.2.1] ModSecurity: x`, time + `module=~|level=error|pid=#7|client=192.0.2.1|port=#1|message=[client 192.0.2.1] ModSecurity: x`},
		{"compact time", `[2005-06-09 06:07:05.123456] [core:info] [pid 7] x`, `time=2005-06-09 06:07:05.123456|module=core|level=info|pid=#7|message=x`},
		{"only the process", stamp + `[core:info] [pid 7]`, time + `module=core|level=info|pid=#7`},
		{"process that is none", stamp + `[core:info] [pid x] y`, time + `module=core|level=info|message=[pid x] y`},
		{"thread that is none", stamp + `[core:info] [pid 7:tid x] y`, time + `module=core|level=info|message=[pid 7:tid x] y`},
		{"no code", stamp + `[core:info] [pid 7] AH001: x`, time + `module=core|level=info|pid=#7|message=AH001: x`},
	})
}
