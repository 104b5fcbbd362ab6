#!/usr/bin/env python3
"""How fast is search beside others? The same made postings and the same 400 queries, one after the other in one run:
this service over HTTP, the tantivy of PyPI on pre-cut words, SQLite FTS5 and the full text search of PostgreSQL.

    python3 -m venv V && V/bin/pip install jieba tantivy psycopg2-binary
    cargo build --release
    V/bin/python tests/bench/side_by_side.py --binary target/release/jiangxin --count 20000 [--postgres BIN_FOLDER]

Every engine answers a whole page: the first 20 with their texts, the exact total, and how all results spread over cities
and levels of education, each counted without its own filter. Times are by the wall clock, one query at a time; the
engines are started anew and are warm when they are measured.
"""
import argparse, http.client, json, os, random, shutil, socket, sqlite3, subprocess, sys, tempfile, time, urllib.parse

THINGS = "陶瓷 琉璃 风筝 剪纸 木版年画 柳编 草编 鲁绣 木雕 石雕 泥塑 面塑 漆器 锡雕 黑陶 核雕 玉雕 葫芦雕刻 土布 古琴 砚台".split()
JOBS = "学徒 设计师 制作工 讲解员 电商运营 质检员".split()
CITIES = "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽".split()
EDUCATIONS = [("不限", 0), ("中专", 1), ("高中", 1), ("大专", 2), ("本科", 3)]
HELD = [("secondary_vocational", 1), ("college", 2), ("bachelor", 3)]
PHRASES = """负责产品的手工制作与打磨 按图纸完成坯体成型 配合设计师打样 熟悉常用工具的使用与保养 能吃苦耐劳 有团队精神 提供免费培训
师傅一对一带教 计件工资多劳多得 包吃包住 五险一金 月休四天 双休 节日福利 加班有补助 熟练使用Photoshop 会使用CorelDRAW者优先
负责网店图片拍摄与后期 负责直播间讲解与互动 撰写商品文案 维护客户关系 处理售后问题 统计库存与发货 检验成品尺寸与外观 填写质量记录
参加展会布展 接待参观团队 讲解非遗历史与工艺流程 开发文创新品 绘制纹样与线稿 建立三维模型 控制窑炉温度曲线 调配釉料与颜料 修补瑕疵
编织收口与整形 刺绣配色与绷架 雕刻粗坯与细节 上漆打磨抛光 组装与包装 遵守安全生产规程 服从车间安排 具备审美能力 热爱传统文化""".split()
KEYWORDS = "打磨 包吃包住 五险一金 纹样 窑炉 直播 Photoshop 釉料 质量记录 应届".split()


def posting(rng, number):
    thing, job = rng.choice(THINGS), rng.choice(JOBS)
    text = ""
    while len(text) < 300:
        text += rng.choice(PHRASES) + "，" + (rng.choice(THINGS) if rng.random() < 0.1 else "")
    least = rng.randrange(25, 60) * 100
    education, level = rng.choice(EDUCATIONS)
    return {
        "reference": f"bench-{number}", "title": f"{thing}{job}", "description": text, "city": rng.choice(CITIES),
        "employer": f"虚构{rng.choice(THINGS)}第{rng.randrange(20000)}工坊有限公司", "salary": f"{least}-{least * 3 // 2}元/月",
        "education": education, "experience": "经验不限", "headcount": "2", "level": level,
    }


def queries(rng, count):
    made = []
    for number in range(count):
        words = f"{rng.choice(THINGS)}{rng.choice(JOBS)} {rng.choice(KEYWORDS)}" if number % 2 else rng.choice(["制作 负责 优先", "制作 负责", "包吃包住 培训"])
        made.append((words, rng.choice(CITIES), rng.choice(HELD)))
    return made


def told(name, seconds, totals):
    seconds.sort()
    at = lambda share: seconds[int((len(seconds) - 1) * share)] * 1000
    print(f"{name:<34} p50 {at(.5):9.3f}  p95 {at(.95):9.3f}  p99 {at(.99):9.3f} ms   {sum(totals) / len(totals):8.1f} found")


def measure(name, asked, ask):
    for query in asked[:20]:
        ask(*query)
    seconds, totals = [], []
    for query in asked:
        begun = time.perf_counter()
        totals.append(ask(*query))
        seconds.append(time.perf_counter() - begun)
    told(name, seconds, totals)


def cut(jieba, text):
    return [word for word in jieba.cut_for_search(text.lower()) if any(c.isalnum() for c in word)]


def ours(binary, folder, file, asked):
    data = os.path.join(folder, "data")
    subprocess.run([binary, "--data", data, "import", "--source", "bench", file], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([binary, "--data", data, "serve", "--listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        line = http.client.HTTPConnection("127.0.0.1", port)

        def get(path):
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read()

        def total():
            try:
                status, body = get("/v1/vacancies?limit=1")
                return json.loads(body).get("total", 0) if status == 200 else 0
            except OSError:
                line.close()
                return 0

        before, still = 0, 0
        while before == 0 or still < 5:
            time.sleep(2)
            now = total()
            before, still = now, still + 1 if now == before else 0
        print(f"{before} postings are live")
        for understand in ["true", "false"]:
            def ask(words, city, held):
                asks = dict(q=words, city=city, education=held[0], facets="city,education", limit=20, understand=understand)
                status, body = get("/v1/vacancies?" + urllib.parse.urlencode(asks))
                assert status == 200, body
                return json.loads(body)["total"]
            measure(f"this service, HTTP, understand={understand}", asked, ask)
    finally:
        server.terminate()
        server.wait()


def raw_engine(jieba, folder, rows, asked):
    import tantivy
    build = tantivy.SchemaBuilder()
    build.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    build.add_text_field("body", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ["city", "level"]:
        build.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    index = tantivy.Index(build.build(), path=folder)
    writer = index.writer(200_000_000, 1)
    for row, words in rows:
        writer.add_document(tantivy.Document(words=[" ".join(words)], body=[row["title"] + "\n" + row["description"]], city=[row["city"]], level=[str(row["level"])]))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, schema = index.searcher(), index.schema
    must, term = tantivy.Occur.Must, lambda field, value: tantivy.Query.term_query(schema, field, value)

    def ask(words, city, held):
        text = [(must, term("words", word)) for word in cut(jieba, words)]
        here = [(must, term("city", city))]
        fits = [(must, tantivy.Query.boolean_query([(tantivy.Occur.Should, term("level", str(level))) for level in range(held[1] + 1)]))]
        found = searcher.search(tantivy.Query.boolean_query(text + here + fits), limit=20, count=True)
        for own, field in [(fits, "city"), (here, "level")]:
            searcher.aggregate(tantivy.Query.boolean_query(text + own), {"of": {"terms": {"field": field, "size": 20}}})
        [searcher.doc(address)["body"] for _, address in found.hits]
        return found.count

    measure("tantivy of PyPI, in process", asked, ask)


def sqlite(jieba, folder, rows, asked):
    db = sqlite3.connect(os.path.join(folder, "fts.db"))
    db.execute("create table postings (id integer primary key, title text, body text, city text, level integer)")
    db.execute("create virtual table texts using fts5(words, content='', tokenize='unicode61')")
    for number, (row, words) in enumerate(rows):
        db.execute("insert into postings values (?,?,?,?,?)", (number, row["title"], row["description"], row["city"], row["level"]))
        db.execute("insert into texts (rowid, words) values (?,?)", (number, " ".join(words)))
    db.execute("insert into texts (texts) values ('optimize')")
    db.commit()

    def ask(words, city, held):
        match = " AND ".join(f'"{word}"' for word in cut(jieba, words))
        found = "from texts join postings on postings.id = texts.rowid where texts match ?"
        db.execute(f"select title, body {found} and city = ? and level <= ? order by rank limit 20", (match, city, held[1])).fetchall()
        db.execute(f"select city, count(*) {found} and level <= ? group by city", (match, held[1])).fetchall()
        db.execute(f"select level, count(*) {found} and city = ? group by level", (match, city)).fetchall()
        return db.execute(f"select count(*) {found} and city = ? and level <= ?", (match, city, held[1])).fetchone()[0]

    measure("SQLite FTS5, in process", asked, ask)


def postgres(jieba, bin_folder, folder, rows, asked):
    import psycopg2
    from psycopg2.extras import execute_values
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    data = os.path.join(folder, "pg")
    os.makedirs(data)
    if user:
        os.chmod(folder, 0o755)
        shutil.chown(data, "postgres")
    call = lambda *words: subprocess.run([*user, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    call(os.path.join(bin_folder, "initdb"), "-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses='' -c unix_socket_directories='{data}' -c shared_buffers=1GB -c work_mem=64MB"
    call(os.path.join(bin_folder, "pg_ctl"), "-D", data, "-w", "-l", os.path.join(data, "log"), "-o", options, "start")
    try:
        db = psycopg2.connect(host=data, user="bench", dbname="postgres")
        db.autocommit = True
        at = db.cursor()
        at.execute("create table postings (title text, body text, city text, level int, words tsvector)")
        lines = [(row["title"], row["description"], row["city"], row["level"], " ".join(words)) for row, words in rows]
        execute_values(at, "insert into postings values %s", lines, template="(%s,%s,%s,%s,to_tsvector('simple',%s))", page_size=1000)
        at.execute("create index on postings using gin (words)")
        at.execute("vacuum analyze postings")

        def ask(words, city, held):
            asks = dict(q=" ".join(cut(jieba, words)), city=city, level=held[1])
            found = "from postings, plainto_tsquery('simple', %(q)s) asked where words @@ asked"
            at.execute(f"select title, body {found} and city = %(city)s and level <= %(level)s order by ts_rank(words, asked) desc limit 20", asks)
            at.fetchall()
            at.execute(f"select city, count(*) {found} and level <= %(level)s group by city", asks)
            at.fetchall()
            at.execute(f"select level, count(*) {found} and city = %(city)s group by level", asks)
            at.fetchall()
            at.execute(f"select count(*) {found} and city = %(city)s and level <= %(level)s", asks)
            return at.fetchone()[0]

        measure("PostgreSQL full text, by socket", asked, ask)
        db.close()
    finally:
        call(os.path.join(bin_folder, "pg_ctl"), "-D", data, "-m", "fast", "stop")


def main():
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--binary", required=True)
    told.add_argument("--count", type=int, default=20_000)
    told.add_argument("--queries", type=int, default=400)
    told.add_argument("--postgres", help="the folder of initdb and pg_ctl")
    told.add_argument("--keep", help="writes postings.ndjson and queries.tsv there, for the bench in this process")
    told = told.parse_args()
    import jieba
    jieba.setLogLevel(60)
    for word in THINGS + KEYWORDS:
        jieba.add_word(word)
    rng = random.Random(42)
    rows = [(row, cut(jieba, row["title"] + " " + row["employer"] + " " + row["description"])) for row in (posting(rng, n) for n in range(told.count))]
    asked = queries(random.Random(7), told.queries)
    folder = tempfile.mkdtemp()
    try:
        file = os.path.join(told.keep or folder, "postings.ndjson")
        with open(file, "w", encoding="utf-8") as out:
            for row, _ in rows:
                out.write(json.dumps({key: value for key, value in row.items() if key != "level"}, ensure_ascii=False) + "\n")
        if told.keep:
            with open(os.path.join(told.keep, "queries.tsv"), "w", encoding="utf-8") as out:
                out.writelines(f"{words}\t{city}\t{held[0]}\n" for words, city, held in asked)
        print(f"{told.count} postings, {len(asked)} queries")
        ours(told.binary, folder, file, asked)
        for name in ["raw", "lite", "pg"]:
            os.makedirs(os.path.join(folder, name))
        raw_engine(jieba, os.path.join(folder, "raw"), rows, asked)
        sqlite(jieba, os.path.join(folder, "lite"), rows, asked)
        if told.postgres:
            os.chmod(folder, 0o755)
            postgres(jieba, told.postgres, os.path.join(folder, "pg"), rows, asked)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
