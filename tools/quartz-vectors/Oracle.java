import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.TimeZone;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.quartz.CronExpression;

/**
 * Answers questions about cron expressions with Quartz itself. One question a line on standard input,
 * "expression TAB zone TAB epoch seconds TAB count"; one line of answers each on standard output: epoch
 * seconds separated by commas, "none" where nothing follows, or "refused", "throws", "hangs" alone.
 */
final class Oracle {
    private static final int PATIENCE_SECONDS = 3;

    public static void main(String[] args) throws Exception {
        System.out.println("maxYear " + CronExpression.MAX_YEAR);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answerInTime(line.split("\t", -1)));
        }
        System.out.flush();
        // An expression that hangs Quartz leaves a thread behind that never ends.
        System.exit(0);
    }

    private static String answerInTime(String[] question) throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        Future<String> answer = one.submit(() -> answer(question));
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return "hangs";
        } finally {
            one.shutdownNow();
        }
    }

    private static String answer(String[] question) {
        CronExpression cron;
        try {
            cron = new CronExpression(question[0]);
        } catch (Exception e) {
            return "refused";
        }
        cron.setTimeZone(TimeZone.getTimeZone(question[1]));
        Date at = new Date(Long.parseLong(question[2]) * 1000);
        StringBuilder answers = new StringBuilder();
        try {
            for (int n = Integer.parseInt(question[3]); n > 0 && at != null; n--) {
                at = cron.getNextValidTimeAfter(at);
                answers.append(answers.length() == 0 ? "" : ",").append(at == null ? "none" : at.getTime() / 1000);
            }
        } catch (Exception e) {
            return "throws";
        }
        return answers.toString();
    }
}
