//! A small site of the tests' own: one function answers every request.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

/// What was asked: the path with its query, and the version that is known already.
pub struct Asked {
    pub path: String,
    pub known: Option<String>,
}

type Answer = Arc<dyn Fn(&Asked) -> HttpResponse + Send + Sync>;

/// A running site, with what it was asked.
pub struct Site {
    pub url: String,
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Starts a site on a free port.
    pub fn start(answer: impl Fn(&Asked) -> HttpResponse + Send + Sync + 'static) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (answer, log): (Answer, _) = (Arc::new(answer), asked.clone());
        let server = HttpServer::new(move || {
            let (answer, log) = (Data::new(answer.clone()), Data::new(log.clone()));
            App::new().app_data(answer).app_data(log).default_service(actix_web::web::to(serve))
        });
        actix_web::rt::spawn(server.workers(1).disable_signals().listen(listener).expect("a server").run());
        Site { url, asked }
    }

    /// Counts the requests for paths that begin so.
    pub fn count(&self, beginning: &str) -> usize {
        self.asked.lock().expect("the log").iter().filter(|path| path.starts_with(beginning)).count()
    }
}

async fn serve(request: HttpRequest, answer: Data<Answer>, log: Data<Arc<Mutex<Vec<String>>>>) -> HttpResponse {
    let path = request.uri().to_string();
    log.lock().expect("the log").push(path.clone());
    let known = request.headers().get("if-none-match").and_then(|v| v.to_str().ok()).map(str::to_owned);
    (*answer)(&Asked { path, known })
}
