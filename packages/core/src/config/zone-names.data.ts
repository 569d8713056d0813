/**
 * What Java calls the time zones that data teams use, for the letter `z` of a date pattern: standard and
 * daylight saving time, short (the same in both languages), long in English, long in Chinese; then the
 * zones. Zones that are not here are shown as `GMT+05:00`. Made by tools/date-vectors/ZoneNames.java.
 */
export const ZONE_NAMES: readonly (readonly [names: string, zones: string])[] = [
  [
    'UTC|UTC|Coordinated Universal Time|Coordinated Universal Time|协调世界时|协调世界时',
    'Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UTC',
  ],
  [
    'GMT|GMT|Greenwich Mean Time|Greenwich Mean Time|格林尼治标准时间|格林威治时间',
    'Africa/Abidjan Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich',
  ],
  [
    'GMT|BST|Greenwich Mean Time|British Summer Time|格林尼治标准时间|英国夏令时间',
    'Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London',
  ],
  [
    'WET|WEST|Western European Standard Time|Western European Summer Time|西欧标准时间|西欧夏令时间',
    'Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon',
  ],
  [
    'CET|CEST|Central European Standard Time|Central European Summer Time|中欧标准时间|中欧夏令时间',
    'Africa/Algiers Africa/Ceuta Africa/Tunis Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich',
  ],
  [
    'EET|EEST|Eastern European Standard Time|Eastern European Summer Time|东欧标准时间|东欧夏令时间',
    'Africa/Cairo Africa/Tripoli Asia/Amman Asia/Beirut Asia/Damascus Asia/Gaza Asia/Hebron Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Chisinau Europe/Helsinki Europe/Kaliningrad Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye',
  ],
  ['TRT|TRST|Turkey Time|Turkey Summer Time|东欧时间|东欧夏令时', 'Asia/Istanbul Europe/Istanbul'],
  [
    'MSK|MSD|Moscow Standard Time|Moscow Summer Time|莫斯科标准时间|莫斯科夏令时间',
    'Europe/Minsk Europe/Moscow Europe/Simferopol',
  ],
  [
    'WAT|WAST|West Africa Standard Time|West Africa Summer Time|西部非洲标准时间|西部非洲夏令时间',
    'Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo',
  ],
  [
    'SAST|SAST|South Africa Standard Time|South Africa Summer Time|南非标准时间|南非夏令时',
    'Africa/Johannesburg Africa/Maseru Africa/Mbabane',
  ],
  [
    'EAT|EAST|East Africa Time|Eastern African Summer Time|东部非洲时间|东非夏令时',
    'Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte',
  ],
  ['GST|GDT|Gulf Standard Time|Gulf Daylight Time|海湾标准时间|波斯湾夏令时', 'Asia/Dubai Asia/Muscat'],
  [
    'AST|ADT|Arabian Standard Time|Arabian Daylight Time|阿拉伯标准时间|阿拉伯夏令时间',
    'Asia/Aden Asia/Baghdad Asia/Bahrain Asia/Kuwait Asia/Qatar Asia/Riyadh',
  ],
  [
    'IST|IDT|Israel Standard Time|Israel Daylight Time|以色列标准时间|以色列夏令时间',
    'Asia/Jerusalem Asia/Tel_Aviv',
  ],
  ['IRST|IRDT|Iran Standard Time|Iran Daylight Time|伊朗标准时间|伊朗夏令时间', 'Asia/Tehran'],
  [
    'UZT|UZST|Uzbekistan Standard Time|Uzbekistan Summer Time|乌兹别克斯坦标准时间|乌兹别克斯坦夏令时间',
    'Asia/Samarkand Asia/Tashkent',
  ],
  ['PKT|PKST|Pakistan Standard Time|Pakistan Summer Time|巴基斯坦标准时间|巴基斯坦夏令时间', 'Asia/Karachi'],
  [
    'IST|IDT|India Standard Time|India Daylight Time|印度时间|印度夏令时',
    'Asia/Calcutta Asia/Colombo Asia/Kolkata',
  ],
  ['NPT|NPST|Nepal Time|Nepal Summer Time|尼泊尔时间|尼泊尔夏令时', 'Asia/Kathmandu Asia/Katmandu'],
  [
    'BDT|BDST|Bangladesh Standard Time|Bangladesh Summer Time|孟加拉标准时间|孟加拉夏令时间',
    'Asia/Dacca Asia/Dhaka',
  ],
  ['MMT|MMST|Myanmar Time|Myanmar Summer Time|缅甸时间|缅甸夏令时', 'Asia/Rangoon Asia/Yangon'],
  [
    'ICT|ICST|Indochina Time|Indochina Summer Time|中南半岛时间|印度支那夏令时',
    'Asia/Bangkok Asia/Ho_Chi_Minh Asia/Phnom_Penh Asia/Saigon Asia/Vientiane',
  ],
  [
    'WIB|WIST|Western Indonesia Time|West Indonesia Summer Time|印度尼西亚西部时间|西印度尼西亚夏令时',
    'Asia/Jakarta Asia/Pontianak',
  ],
  [
    'CST|CDT|China Standard Time|China Daylight Time|中国标准时间|中国夏令时间',
    'Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai PRC',
  ],
  ['CST|CDT|Taipei Standard Time|Taipei Daylight Time|台北标准时间|台北夏令时间', 'Asia/Taipei'],
  ['HKT|HKST|Hong Kong Standard Time|Hong Kong Summer Time|香港标准时间|香港夏令时间', 'Asia/Hong_Kong'],
  ['SGT|SGST|Singapore Standard Time|Singapore Summer Time|新加坡标准时间|新加坡夏令时', 'Asia/Singapore'],
  [
    'MYT|MYST|Malaysia Time|Malaysia Summer Time|马来西亚时间|马来西亚夏令时',
    'Asia/Kuala_Lumpur Asia/Kuching',
  ],
  ['PST|PDT|Philippine Standard Time|Philippine Summer Time|菲律宾标准时间|菲律宾夏令时间', 'Asia/Manila'],
  ['JST|JDT|Japan Standard Time|Japan Daylight Time|日本标准时间|日本夏令时间', 'Asia/Tokyo'],
  [
    'KST|KDT|Korean Standard Time|Korean Daylight Time|韩国标准时间|韩国夏令时间',
    'Asia/Pyongyang Asia/Seoul',
  ],
  [
    'AWST|AWDT|Australian Western Standard Time|Australian Western Daylight Time|澳大利亚西部标准时间|澳大利亚西部夏令时间',
    'Australia/Perth Australia/West',
  ],
  [
    'ACST|ACDT|Australian Central Standard Time|Australian Central Daylight Time|澳大利亚中部标准时间|澳大利亚中部夏令时间',
    'Australia/Adelaide Australia/Broken_Hill Australia/Darwin Australia/North Australia/South Australia/Yancowinna',
  ],
  [
    'AEST|AEDT|Australian Eastern Standard Time|Australian Eastern Daylight Time|澳大利亚东部标准时间|澳大利亚东部夏令时间',
    'Antarctica/Macquarie Australia/ACT Australia/Brisbane Australia/Canberra Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW Australia/Queensland Australia/Sydney Australia/Tasmania Australia/Victoria',
  ],
  [
    'LHST|LHDT|Lord Howe Standard Time|Lord Howe Daylight Time|豪勋爵岛标准时间|豪勋爵岛夏令时间',
    'Australia/LHI Australia/Lord_Howe',
  ],
  [
    'NZST|NZDT|New Zealand Standard Time|New Zealand Daylight Time|新西兰标准时间|新西兰夏令时间',
    'Antarctica/McMurdo Antarctica/South_Pole Pacific/Auckland',
  ],
  [
    'NST|NDT|Newfoundland Standard Time|Newfoundland Daylight Time|纽芬兰标准时间|纽芬兰夏令时间',
    'America/St_Johns Canada/Newfoundland',
  ],
  [
    'AST|ADT|Atlantic Standard Time|Atlantic Daylight Time|大西洋标准时间|大西洋夏令时间',
    'America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon America/Curacao America/Dominica America/Glace_Bay America/Goose_Bay America/Grenada America/Guadeloupe America/Halifax America/Kralendijk America/Lower_Princes America/Marigot America/Martinique America/Moncton America/Montserrat America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Thule America/Tortola America/Virgin Atlantic/Bermuda Canada/Atlantic',
  ],
  [
    'EST|EDT|Eastern Standard Time|Eastern Daylight Time|北美东部标准时间|北美东部夏令时间',
    'America/Atikokan America/Cancun America/Cayman America/Coral_Harbour America/Detroit America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Jamaica America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York America/Nipigon America/Panama America/Pangnirtung America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern US/East-Indiana US/Eastern US/Michigan',
  ],
  [
    'CST|CDT|Central Standard Time|Central Daylight Time|北美中部标准时间|北美中部夏令时间',
    'America/Bahia_Banderas America/Belize America/Chicago America/Chihuahua America/Costa_Rica America/El_Salvador America/Guatemala America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Managua America/Matamoros America/Menominee America/Merida America/Mexico_City America/Monterrey America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River America/Rankin_Inlet America/Regina America/Resolute America/Swift_Current America/Tegucigalpa America/Winnipeg Canada/Central Canada/Saskatchewan Mexico/General US/Central US/Indiana-Starke',
  ],
  [
    'MST|MDT|Mountain Standard Time|Mountain Daylight Time|北美山区标准时间|北美山区夏令时间',
    'America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Creston America/Dawson America/Dawson_Creek America/Denver America/Edmonton America/Fort_Nelson America/Inuvik America/Phoenix America/Shiprock America/Whitehorse America/Yellowknife Canada/Mountain Canada/Yukon US/Arizona US/Mountain',
  ],
  [
    'PST|PDT|Pacific Standard Time|Pacific Daylight Time|北美太平洋标准时间|北美太平洋夏令时间',
    'America/Ensenada America/Los_Angeles America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte US/Pacific',
  ],
  [
    'AKST|AKDT|Alaska Standard Time|Alaska Daylight Time|阿拉斯加标准时间|阿拉斯加夏令时间',
    'America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka America/Yakutat US/Alaska',
  ],
  [
    'HST|HDT|Hawaii-Aleutian Standard Time|Hawaii-Aleutian Daylight Time|夏威夷-阿留申标准时间|夏威夷-阿留申夏令时间',
    'Pacific/Honolulu US/Hawaii',
  ],
  [
    'BRT|BRST|Brasilia Standard Time|Brasilia Summer Time|巴西利亚标准时间|巴西利亚夏令时间',
    'America/Araguaina America/Bahia America/Belem America/Fortaleza America/Maceio America/Recife America/Santarem America/Sao_Paulo Brazil/East',
  ],
  [
    'ART|ARST|Argentina Standard Time|Argentina Summer Time|阿根廷标准时间|阿根廷夏令时间',
    'America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Cordoba America/Jujuy America/Mendoza America/Rosario',
  ],
  [
    'COT|COST|Colombia Standard Time|Colombia Summer Time|哥伦比亚标准时间|哥伦比亚夏令时间',
    'America/Bogota',
  ],
];
