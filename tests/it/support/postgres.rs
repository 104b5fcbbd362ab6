//! A PostgreSQL cluster of the tests' own: in a temporary folder, on a unix socket, gone with the test process.
//! Where no `postgres` is found the run says so; `JIANGXIN_TEST_POSTGRES=required` makes that a failure.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

struct Cluster {
    socket: PathBuf,
    #[expect(dead_code, reason = "its standard input tells the cluster how long to live")]
    keeper: Child,
}

/// Makes an empty database and gives its URL; none where PostgreSQL is not installed.
pub fn new_database() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let cluster = CLUSTER.get_or_init(start).as_ref()?;
    let name = format!("fact{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = PgConnection::establish(&cluster.url("postgres")).expect("the cluster answers");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("a new database");
    Some(cluster.url(&name))
}

impl Cluster {
    fn url(&self, database: &str) -> String {
        let host = self.socket.to_string_lossy().replace('/', "%2F");
        format!("postgres://jiangxin@{host}/{database}")
    }
}

fn say(words: &str) {
    writeln!(std::io::stderr(), "\ndatabases under test: {words}").expect("standard error");
}

fn start() -> Option<Cluster> {
    let Some(bin) = find() else {
        let required = std::env::var("JIANGXIN_TEST_POSTGRES").is_ok_and(|v| v == "required");
        assert!(!required, "PostgreSQL is required and no postgres binary was found");
        say("sqlite (postgres skipped: no binary found)");
        return None;
    };
    say(&format!("sqlite, postgres ({})", bin.display()));
    let folder = tempfile::Builder::new().prefix("jiangxin-pg").tempdir().expect("a folder").keep();
    let user = unprivileged(&folder);
    let data = folder.join("data");
    let mut initdb = Command::new(bin.join("initdb"));
    initdb.args(["-U", "jiangxin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]).arg(&data);
    let made = as_user(&mut initdb, user, &folder).output().expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let script = "\"$0/postgres\" -D \"$1/data\" -k \"$1\" -c listen_addresses= -c fsync=off -c max_connections=300 \
                  >\"$1/log\" 2>&1 & pid=$!; read -r _; kill -QUIT $pid; wait $pid; rm -rf \"$1\"";
    let mut keeper = Command::new("sh");
    keeper.args(["-c", script]).arg(&bin).arg(&folder).stdin(Stdio::piped()).process_group(0);
    let keeper = as_user(&mut keeper, user, &folder).spawn().expect("a shell");
    let cluster = Cluster { socket: folder, keeper };
    let ready = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        PgConnection::establish(&cluster.url("postgres")).is_ok()
    });
    assert!(ready, "postgres does not answer: {:?}", std::fs::read_to_string(cluster.socket.join("log")));
    Some(cluster)
}

/// Finds the folder of the newest installed server.
fn find() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = glob_versions(Path::new("/usr/lib/postgresql"));
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.into_iter().find(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
}

fn glob_versions(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.filter_map(|e| e.ok()).map(|e| e.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// PostgreSQL refuses to run as root: gives the folder to another user and names that user.
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    if std::fs::metadata(folder).expect("the folder").uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the users");
    let user = ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.starts_with(&format!("{name}:")))?;
        let fields: Vec<&str> = line.split(':').collect();
        Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
    });
    let (uid, gid) = user.expect("a user besides root");
    chown(folder, Some(uid), Some(gid)).expect("a folder to give away");
    Some((uid, gid))
}

fn as_user<'a>(command: &'a mut Command, user: Option<(u32, u32)>, folder: &Path) -> &'a mut Command {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command.current_dir(folder)
}
