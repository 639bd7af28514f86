import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.*;

/** Match reads lines of a pattern and texts, in hexadecimal and parted by spaces, and writes for each text the groups of a match of the whole of it. */
public class Match {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, "UTF-8");
        for (String line; (line = in.readLine()) != null; ) {
            String[] fields = line.split(" ", -1);
            Pattern pattern = Pattern.compile(text(fields[0]));
            for (int i = 1; i < fields.length; i++) {
                Matcher matcher = pattern.matcher(text(fields[i]));
                StringBuilder groups = new StringBuilder("no");
                if (matcher.matches()) {
                    groups.setLength(0);
                    for (int g = 0; g <= matcher.groupCount(); g++) {
                        groups.append(g == 0 ? "" : " ").append(hex(matcher.group(g)));
                    }
                }
                out.println(groups);
            }
        }
        out.flush();
    }

    static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8);
    }

    static String hex(String group) {
        return group == null ? "-" : "=" + HexFormat.of().formatHex(group.getBytes(StandardCharsets.UTF_8));
    }
}
