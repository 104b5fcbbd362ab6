//! Which vacancies are benches tried on? Made from a seed, plainly fictional, about 900 bytes of text each.

use jiangxin::db::types::{Timestamp, VacancyId};
use jiangxin::lexicon::Lexicon;
use jiangxin::search::Entry;
use jiangxin::vacancies::{Content, RawVacancy, Talk, VacancyRow};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// The cities of the province.
pub const CITIES: [&str; 16] = [
    "济南", "青岛", "淄博", "枣庄", "东营", "烟台", "潍坊", "济宁", "泰安", "威海", "日照", "临沂", "德州", "聊城", "滨州",
    "菏泽",
];
const THINGS: [&str; 21] = [
    "陶瓷",
    "琉璃",
    "风筝",
    "剪纸",
    "木版年画",
    "柳编",
    "草编",
    "鲁绣",
    "木雕",
    "石雕",
    "泥塑",
    "面塑",
    "漆器",
    "锡雕",
    "黑陶",
    "核雕",
    "玉雕",
    "葫芦雕刻",
    "土布",
    "古琴",
    "砚台",
];
const JOBS: [&str; 6] = ["学徒", "设计师", "制作工", "讲解员", "电商运营", "质检员"];
const EDUCATIONS: [&str; 5] = ["不限", "中专", "高中", "大专", "本科"];
const PHRASES: [&str; 64] = [
    "负责产品的手工制作与打磨",
    "按图纸完成坯体成型",
    "配合设计师打样",
    "熟悉常用工具的使用与保养",
    "能吃苦耐劳",
    "有团队精神",
    "提供免费培训",
    "师傅一对一带教",
    "计件工资多劳多得",
    "包吃包住",
    "五险一金",
    "月休四天",
    "双休",
    "节日福利",
    "加班有补助",
    "熟练使用Photoshop",
    "会使用CorelDRAW者优先",
    "负责网店图片拍摄与后期",
    "负责直播间讲解与互动",
    "撰写商品文案",
    "维护客户关系",
    "处理售后问题",
    "统计库存与发货",
    "检验成品尺寸与外观",
    "填写质量记录",
    "参加展会布展",
    "接待参观团队",
    "讲解非遗历史与工艺流程",
    "开发文创新品",
    "绘制纹样与线稿",
    "建立三维模型",
    "控制窑炉温度曲线",
    "调配釉料与颜料",
    "修补瑕疵",
    "编织收口与整形",
    "刺绣配色与绷架",
    "雕刻粗坯与细节",
    "上漆打磨抛光",
    "组装与包装",
    "遵守安全生产规程",
    "服从车间安排",
    "具备审美能力",
    "热爱传统文化",
    "普通话流利",
    "形象气质佳",
    "有驾照者优先",
    "应届毕业生可投",
    "无经验可学",
    "有两年以上相关经验",
    "试用期一个月",
    "转正后缴纳社保",
    "提供住宿与班车",
    "工作地点在产业园区",
    "每天工作八小时",
    "年终奖金",
    "绩效考核",
    "技能等级补贴",
    "参加技能大赛",
    "带薪年假",
    "定期体检",
    "负责跨境平台运营",
    "整理工艺资料",
    "协助申报项目",
    "完成领导交办的其他工作",
];

/// The titles, each of a craft and a kind of work.
pub fn titles() -> Vec<String> {
    THINGS.iter().flat_map(|thing| JOBS.iter().map(move |job| format!("{thing}{job}"))).collect()
}

fn employer(rng: &mut StdRng) -> String {
    let number = rng.random_range(0..20_000);
    format!("虚构{}第{number}工坊有限公司", THINGS.choose(rng).unwrap())
}

fn description(rng: &mut StdRng) -> String {
    let mut description = String::new();
    while description.chars().count() < 300 {
        description.push_str(PHRASES.choose(rng).unwrap());
        description.push('，');
        if rng.random_bool(0.1) {
            description.push_str(THINGS.choose(rng).unwrap());
        }
    }
    description
}

/// Makes rows of a feed, one a line.
pub fn lines(seed: u64, count: usize) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(seed);
    let titles = titles();
    let mut lines = Vec::new();
    for number in 0..count {
        let least = rng.random_range(25..60) * 100;
        let row = serde_json::json!({
            "reference": format!("bench-{seed}-{number}"),
            "title": titles.choose(&mut rng).unwrap(),
            "employer": employer(&mut rng),
            "description": description(&mut rng),
            "city": CITIES.choose(&mut rng).unwrap(),
            "salary": format!("{least}-{}元/月", least * 3 / 2),
            "education": EDUCATIONS.choose(&mut rng).unwrap(),
            "experience": "经验不限",
            "headcount": "2",
        });
        lines.extend(row.to_string().into_bytes());
        lines.push(b'\n');
    }
    lines
}

/// Reads one such row as a live vacancy.
pub fn entry(line: &str, lexicon: &Lexicon) -> Entry {
    let row: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |name: &str| row.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let raw = RawVacancy {
        title: text("title"),
        employer_name: text("employer"),
        description: text("description"),
        place: text("city"),
        salary: text("salary"),
        education: text("education"),
        experience: text("experience"),
        ..RawVacancy::default()
    };
    let content = Content::read(&raw, Talk { lexicon, region: "37" });
    let now = Timestamp::parse("2026-11-01T08:00:00Z").unwrap();
    (VacancyRow::published(VacancyId::new(now), now, None, &content, String::new()).unwrap(), vec!["bench".to_owned()])
}

/// Makes vacancies one batch after the other.
pub struct Maker {
    rng: StdRng,
    templates: Vec<Content>,
    now: Timestamp,
}

impl Maker {
    pub fn new(seed: u64, lexicon: &Lexicon) -> Maker {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut templates = Vec::new();
        for title in titles() {
            for city in CITIES {
                let least = rng.random_range(25..60) * 100;
                let raw = RawVacancy {
                    title: title.clone(),
                    place: city.to_owned(),
                    salary: format!("{least}-{}元/月", least * 3 / 2),
                    education: EDUCATIONS.choose(&mut rng).unwrap().to_string(),
                    experience: "经验不限".to_owned(),
                    ..RawVacancy::default()
                };
                templates.push(Content::read(&raw, Talk { lexicon, region: "37" }));
            }
        }
        Maker { rng, templates, now: Timestamp::parse("2026-11-01T08:00:00Z").unwrap() }
    }

    pub fn batch(&mut self, count: usize) -> Vec<Entry> {
        (0..count).map(|_| (self.row(), vec!["bench".to_owned()])).collect()
    }

    fn row(&mut self) -> VacancyRow {
        let mut content = self.templates.choose(&mut self.rng).unwrap().clone();
        content.employer_name = employer(&mut self.rng);
        content.description = description(&mut self.rng);
        let at = self.now.plus_seconds(-self.rng.random_range(0..10_000_000));
        VacancyRow::published(VacancyId::new(at), at, None, &content, String::new()).unwrap()
    }
}
