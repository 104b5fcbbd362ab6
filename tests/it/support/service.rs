//! The service as an operator starts it, for facts in which it is killed: the real binary on the database of a test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use jiangxin::db::Address;
use secrecy::ExposeSecret;

use crate::support::App;

/// The service as a process of its own, on an address that stays.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub listen: String,
}

impl Service {
    /// Starts the real binary on the database of a test, and waits until it serves.
    pub fn start(app: &App, folder: &Path, listen: Option<String>) -> Service {
        let listen = listen.unwrap_or_else(|| {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            port.local_addr().unwrap().to_string()
        });
        let url = match &app.config.database {
            Address::Sqlite(path) => format!("sqlite:{}", path.display()),
            Address::Postgres(url) => url.expose_secret().to_owned(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiangxin"));
        command.arg("--data").arg(folder).args(["serve", "--listen", &listen]).env("JIANGXIN_DATABASE_URL", url);
        command.env("JIANGXIN_RATE_LIMIT_PER_MINUTE", "0");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).any(|line| line.contains("serving"));
        assert!(ready, "the service does not come up on {listen}");
        // Whatever it says later is read, so that it never waits for us.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Service { child, listen }
    }

    /// Ends the process as a failure of power does: it gets no chance to tidy up.
    pub fn kill(&mut self) {
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("its end");
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
