import java.text.SimpleDateFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TimeZone;

/**
 * Prints packages/core/test/vectors/date-template.json: date expressions and what Java makes of them, as
 * [instant, zone, locale, expression, value]. Each is put together and carried out here call by call, on a
 * fresh GregorianCalendar with English weeks. The seed is fixed, so a second run prints the same. See README.md.
 */
public class DateVectors {
  private static final Random RANDOM = new Random(20261124);
  private static final List<String> ROWS = new ArrayList<>();

  private static final String[] ZONES = {
    "Asia/Shanghai", "Asia/Shanghai", "UTC", "America/New_York", "Europe/London", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/St_Johns", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Tokyo",
  };
  private static final String[] INSTANTS = {
    "2026-11-23T18:30:00Z", "2026-01-01T00:00:00Z", "2025-12-31T16:00:00Z", "2024-02-29T03:15:00Z",
    "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z",
    "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00.007Z",
    "2026-04-04T15:15:00Z", "2026-10-03T15:45:00Z", "2000-01-31T23:59:59.999Z", "1999-12-31T12:00:00Z",
    "2023-01-01T04:00:00Z", "2027-01-02T20:00:00Z", "2018-11-04T03:30:00Z", "2026-07-15T09:05:03.045Z",
  };
  private static final String[] PATTERNS = {
    "yyyyMMdd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyyMM", "yy-M-d", "HH", "EEE, d MMM yyyy",
    "EEEE MMMM", "G y yyy yyyyy", "Y YY YYYYY w ww", "W F D DDD u uu", "a h hh K KK k kk", "S SS SSS SSSSS", "z zzzz",
    "Z X XX XXX", "L LL LLL LLLL", "M MM MMM MMMM MMMMM", "E EE EEE EEEEE", "'quarter' MM", "h 'o''clock' a", "''yy''",
    "yyyy年MM月dd日 HH时", "m mm s ss", "'${x}' yyyy", "H:m:s, MM/dd/yyyy", "dd.MM.yyyy \\ |",
  };
  private static final Locale[] LOCALES = {Locale.ENGLISH, Locale.CHINESE};
  private static final int[] FIELDS = {1, 2, 5, 11, 12, 13};
  private static final int[] ALL_FIELDS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

  public static void main(String[] arguments) {
    everyPattern();
    monthEnds();
    daylightSaving();
    farYears();
    readings();
    for (int i = 0; i < 500; i++) random(FIELDS, 3);
    for (int i = 0; i < 300; i++) random(ALL_FIELDS, 4);
    System.out.println("[\n" + String.join(",\n", ROWS) + "\n]");
  }

  private static void everyPattern() {
    for (String pattern : PATTERNS) {
      for (Locale locale : LOCALES) {
        for (int i = 0; i < 5; i++) new Chain(pick(INSTANTS), pick(ZONES), locale).format(pattern);
      }
    }
    // Every weekday and month by name, and the weeks around New Year.
    for (Locale locale : LOCALES) {
      for (int i = 0; i < 12; i++) {
        new Chain("2026-01-31T10:00:00Z", "Asia/Shanghai", locale).add(2, i).add(5, -i).format("EEE EEEE MMM MMMM d");
      }
      for (int i = -8; i <= 8; i++) {
        new Chain("2026-01-01T10:00:00Z", "Asia/Shanghai", locale).add(5, i).format("YYYY w W F u D");
        new Chain("2023-01-01T10:00:00Z", "UTC", locale).addDay(i).format("YYYY w W F u D");
      }
    }
  }

  private static void monthEnds() {
    for (int months = -14; months <= 14; months++) {
      new Chain("2024-01-31T01:30:00Z", "Asia/Shanghai", Locale.ENGLISH).add(2, months).format("yyyyMMdd HHmm");
      new Chain("2024-02-29T01:30:00Z", "Asia/Shanghai", Locale.ENGLISH).add(1, months).format("yyyyMMdd");
      new Chain("2026-11-23T18:30:00Z", "Asia/Shanghai", Locale.ENGLISH).set(5, months).format("yyyyMMdd");
      new Chain("2026-11-23T18:30:00Z", "Asia/Shanghai", Locale.ENGLISH).set(2, months).set(5, 31).format("yyyyMMdd");
      new Chain("2026-11-23T18:30:00Z", "Asia/Shanghai", Locale.ENGLISH).add(2, months).set(5, 0).format("yyyyMMdd");
    }
  }

  private static void daylightSaving() {
    String[][] places = {
      {"America/New_York", "2026-03-08T07:00:00Z"}, {"America/New_York", "2026-11-01T06:00:00Z"},
      {"Europe/London", "2026-03-29T01:00:00Z"}, {"Europe/London", "2026-10-25T01:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"}, {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"America/Sao_Paulo", "2018-11-04T03:00:00Z"},
    };
    String pattern = "yyyy-MM-dd HH:mm z Z";
    for (String[] place : places) {
      for (int quarter = -6; quarter <= 6; quarter++) {
        String at = Instant.parse(place[1]).plusSeconds(quarter * 900L).toString();
        for (int days : new int[] {1, -1}) {
          String other = Instant.parse(at).plusSeconds(-days * 86400L).toString();
          new Chain(other, place[0], Locale.ENGLISH).addDay(days).format(pattern);
        }
        new Chain(at, place[0], Locale.ENGLISH).add(11, 1).format(pattern);
        new Chain(at, place[0], Locale.ENGLISH).set(12, 30).format(pattern);
        new Chain(at, place[0], Locale.ENGLISH).set(11, 2).set(12, 15).format(pattern);
        new Chain(at, place[0], Locale.ENGLISH).add(9, 2).add(2, -1).add(2, 1).format(pattern);
      }
    }
  }

  private static void farYears() {
    String pattern = "yyyy-MM-dd HH:mm Z E";
    String[] zones = {"Asia/Shanghai", "America/New_York", "Pacific/Auckland", "Europe/London"};
    for (String zone : zones) {
      for (int year : new int[] {1960, 1987, 2037, 2099, 2100, 2101, 2148, 2200, 2400, 9998, 9999}) {
        for (int month : new int[] {0, 2, 5, 9, 11}) {
          new Chain("2026-11-23T18:30:00Z", zone, Locale.ENGLISH).set(1, year).set(2, month).set(5, 28).format(pattern);
        }
      }
      new Chain("2026-11-23T18:30:00Z", zone, Locale.ENGLISH).set(1, 9999).set(2, 11).set(5, 31).format("yyyyMMdd");
    }
  }

  private static void readings() {
    for (String at : INSTANTS) {
      for (int field = 0; field <= 16; field++) new Chain(at, pick(ZONES), Locale.ENGLISH).get(field);
      new Chain(at, pick(ZONES), Locale.ENGLISH).addDay(-1).time();
      new Chain(at, pick(ZONES), Locale.ENGLISH).set(11, 0).set(12, 0).set(13, 0).millis();
    }
  }

  private static void random(int[] fields, int callsMax) {
    Chain chain = new Chain(pick(INSTANTS), pick(ZONES), pick(LOCALES));
    int calls = 1 + RANDOM.nextInt(callsMax);
    for (int i = 0; i < calls; i++) {
      int field = fields[RANDOM.nextInt(fields.length)];
      switch (RANDOM.nextInt(5)) {
        case 0 -> chain.addDay(RANDOM.nextInt(801) - 400);
        case 1, 2 -> chain.add(field, RANDOM.nextInt(81) - 40);
        default -> chain.set(field, field == 1 ? 1990 + RANDOM.nextInt(50) : RANDOM.nextInt(70) - 10);
      }
    }
    switch (RANDOM.nextInt(4)) {
      case 0 -> chain.time();
      case 1 -> chain.get(ALL_FIELDS[RANDOM.nextInt(ALL_FIELDS.length)]);
      default -> chain.format("yyyy-MM-dd HH:mm:ss.SSS Z E");
    }
  }

  private static <T> T pick(T[] some) {
    return some[RANDOM.nextInt(some.length)];
  }

  /** A date expression as text, carried out on a calendar while it is put together. */
  private static class Chain {
    private final StringBuilder text = new StringBuilder("${zdt");
    private final String at;
    private final String zone;
    private final Locale locale;
    private final Calendar calendar;

    Chain(String at, String zone, Locale locale) {
      this.at = at;
      this.zone = zone;
      this.locale = locale;
      calendar = new GregorianCalendar(TimeZone.getTimeZone(zone), Locale.US);
      calendar.setTimeInMillis(Instant.parse(at).toEpochMilli());
    }

    Chain addDay(int days) {
      text.append(".addDay(").append(days).append(")");
      calendar.add(Calendar.DAY_OF_YEAR, days);
      return this;
    }

    Chain add(int field, int amount) {
      text.append(".add(").append(field).append(",").append(amount).append(")");
      calendar.add(field, amount);
      return this;
    }

    Chain set(int field, int value) {
      text.append(".set(").append(field).append(", ").append(value).append(")");
      calendar.set(field, value);
      return this;
    }

    void format(String pattern) {
      SimpleDateFormat format = new SimpleDateFormat(pattern, locale);
      format.setCalendar(new GregorianCalendar(TimeZone.getTimeZone(zone), Locale.US));
      end(".format(\"" + pattern + "\")", format.format(calendar.getTime()));
    }

    void get(int field) {
      end(".get(" + field + ")", String.valueOf(calendar.get(field)));
    }

    void time() {
      end(".getTime()", String.valueOf(calendar.getTimeInMillis() / 1000));
    }

    void millis() {
      end(".getMillis()", String.valueOf(calendar.getTimeInMillis()));
    }

    private void end(String call, String value) {
      String expression = text + call + "}";
      ROWS.add("[" + String.join(", ", quote(at), quote(zone), quote(locale.toString()), quote(expression), quote(value)) + "]");
    }

    private static String quote(String text) {
      return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
  }
}
