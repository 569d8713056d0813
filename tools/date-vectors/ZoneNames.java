import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.TreeSet;

/** Prints packages/core/src/config/zone-names.data.ts: what Java calls the time zones that data teams use. */
public class ZoneNames {
  private static final String[] REPRESENTATIVES = {
    "UTC", "Africa/Abidjan", "Europe/London", "Europe/Lisbon", "Europe/Paris", "Europe/Athens",
    "Europe/Istanbul", "Europe/Moscow", "Africa/Lagos", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai",
    "Asia/Riyadh", "Asia/Jerusalem", "Asia/Tehran", "Asia/Tashkent", "Asia/Karachi", "Asia/Kolkata",
    "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok", "Asia/Jakarta", "Asia/Shanghai",
    "Asia/Taipei", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Manila", "Asia/Tokyo",
    "Asia/Seoul", "Australia/Perth", "Australia/Adelaide", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland",
    "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires", "America/Bogota",
  };

  public static void main(String[] arguments) {
    System.out.println("/**");
    System.out.println(" * What Java calls the time zones that data teams use, for the letter `z` of a date pattern: standard and");
    System.out.println(" * daylight saving time, short (the same in both languages), long in English, long in Chinese; then the");
    System.out.println(" * zones. Zones that are not here are shown as `GMT+05:00`. Made by tools/date-vectors/ZoneNames.java.");
    System.out.println(" */");
    System.out.println("export const ZONE_NAMES: readonly (readonly [names: string, zones: string])[] = [");
    for (String representative : REPRESENTATIVES) {
      String english = names(representative, Locale.ENGLISH);
      List<String> zones = new ArrayList<>();
      for (String id : new TreeSet<>(List.of(TimeZone.getAvailableIDs()))) {
        boolean isIana = id.contains("/") && !id.startsWith("SystemV") || id.equals("UTC") || id.equals("PRC");
        if (isIana && names(id, Locale.ENGLISH).equals(english)) zones.add(id);
      }
      TimeZone zone = TimeZone.getTimeZone(representative);
      String chinese = zone.getDisplayName(false, TimeZone.LONG, Locale.CHINESE)
          + "|" + zone.getDisplayName(true, TimeZone.LONG, Locale.CHINESE);
      System.out.println("  [\"" + english + "|" + chinese + "\", \"" + String.join(" ", zones) + "\"],");
    }
    System.out.println("];");
  }

  private static String names(String id, Locale locale) {
    TimeZone zone = TimeZone.getTimeZone(id);
    return zone.getDisplayName(false, TimeZone.SHORT, locale) + "|" + zone.getDisplayName(true, TimeZone.SHORT, locale)
        + "|" + zone.getDisplayName(false, TimeZone.LONG, locale) + "|" + zone.getDisplayName(true, TimeZone.LONG, locale);
  }
}
