//! How does a failure look? `Problem` (RFC 9457) in the caller's language; one table gives each kind its status and code.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

use crate::error::{Error, Refusal, Sentence};
use crate::http::request_id::RequestId;

/// The language that the caller prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the default.
    Zh,
    /// English, where `Accept-Language` puts it before Chinese.
    En,
}

impl Language {
    /// Reads `Accept-Language` (RFC 9110, 12.5.4); of equal weights the first named wins.
    pub fn preferred(header: Option<&str>) -> Language {
        let mut best = (0.0_f32, Language::Zh);
        for range in header.unwrap_or_default().split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            let language = match tag.split('-').next() {
                Some("en") => Language::En,
                Some("zh") => Language::Zh,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Reads the language of a request.
    pub fn of(request: &HttpRequest) -> Language {
        Language::preferred(request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()))
    }

    /// Chooses the wording of a sentence.
    pub fn choose(self, sentence: &Sentence) -> &str {
        match self {
            Language::Zh => &sentence.zh,
            Language::En => &sentence.en,
        }
    }
}

/// A failure as served: `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The machine-readable reason; it never changes with the language.
    pub code: String,
    /// What went wrong this time.
    pub detail: String,
    /// The path of the request.
    pub instance: String,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// The values that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// One refused value.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// The JSON Pointer (RFC 6901) of the value, empty for the whole.
    pub pointer: String,
    /// The machine-readable reason.
    pub code: String,
    /// The reason in words.
    pub detail: String,
}

/// Gives each failure its status, its code and its title; there is no other such table.
pub fn status_and_code(error: &Error) -> (StatusCode, &'static str, Sentence) {
    let (status, code, zh, en) = match error {
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", "没有找到", "Not found"),
        Error::Malformed(refusal) => (StatusCode::BAD_REQUEST, refusal.code, "请求无法读取", "Malformed request"),
        Error::Invalid(refusals) => match refusals.as_slice() {
            [one] => (StatusCode::UNPROCESSABLE_ENTITY, one.code, "内容未被接受", "Refused content"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "内容未被接受", "Refused content"),
        },
        Error::Conflict { code, .. } => (StatusCode::CONFLICT, *code, "与当前状态冲突", "Conflict with the current state"),
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "需要登录", "Authentication needed"),
        Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "没有权限", "Not allowed"),
        Error::RevisionMissing => (StatusCode::PRECONDITION_REQUIRED, "if_match_required", "需要 If-Match", "If-Match needed"),
        Error::Stale => (StatusCode::PRECONDITION_FAILED, "stale", "内容已被他人修改", "Changed meanwhile"),
        Error::WrongMethod(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "不支持此方法", "Method not allowed"),
        Error::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large", "请求体过大", "Body too large"),
        Error::UnsupportedMedia(_) => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "格式不支持", "Unsupported media type")
        }
        Error::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "请求过于频繁", "Too many requests"),
        Error::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy", "服务繁忙", "Service busy"),
        Error::Gone(_) => (StatusCode::GONE, "gone", "已不再保留", "No longer kept"),
        Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "服务内部错误", "Internal error"),
    };
    (status, code, Sentence::new(zh, en))
}

/// Says what went wrong this time, without a word about the inside.
fn detail(error: &Error) -> Sentence {
    match error {
        Error::NotFound(what) => Sentence::new("没有这条内容，或您无权查看", format!("no such {what}, or not yours to see")),
        Error::Malformed(refusal) => refusal.reason.clone(),
        Error::Invalid(refusals) => match refusals.as_slice() {
            [one] => one.reason.clone(),
            many => Sentence::new(format!("有 {} 处内容未被接受", many.len()), format!("{} values were refused", many.len())),
        },
        Error::Conflict { reason, .. } | Error::Gone(reason) => reason.clone(),
        Error::Unauthenticated => Sentence::new("请先登录，或检查令牌是否有效", "log in first, or check the token"),
        Error::Forbidden => Sentence::new("您的账号不能进行此操作", "your account may not do this"),
        Error::RevisionMissing => {
            Sentence::new("请在 If-Match 中给出所改内容的 ETag", "name the ETag of what you change in If-Match")
        }
        Error::Stale => Sentence::new("请重新读取后再修改", "read it again before changing it"),
        Error::WrongMethod(allowed) => Sentence::new(format!("此处可用：{allowed}"), format!("allowed here: {allowed}")),
        Error::TooLarge(limit) => {
            Sentence::new(format!("请求体不得超过 {limit} 字节"), format!("the body may have {limit} bytes at most"))
        }
        Error::UnsupportedMedia(wanted) => Sentence::new(format!("需要 {wanted}"), format!("{wanted} is wanted")),
        Error::TooMany(wait) | Error::Busy(wait) => {
            Sentence::new(format!("请在 {wait} 秒后再试"), format!("try again in {wait} s"))
        }
        Error::Internal(_) => {
            Sentence::new("请稍后再试；如仍失败，请告知请求编号", "try again later; if it lasts, report the request id")
        }
    }
}

impl Problem {
    /// Words an error for one request.
    pub fn new(error: &Error, language: Language, instance: &str, request_id: &str) -> Problem {
        let (status, code, title) = status_and_code(error);
        let refusals: &[Refusal] = match error {
            Error::Invalid(refusals) => refusals,
            Error::Malformed(refusal) => std::slice::from_ref(refusal),
            _ => &[],
        };
        let errors = refusals.iter().map(|r| FieldProblem {
            pointer: r.pointer.clone(),
            code: r.code.to_owned(),
            detail: language.choose(&r.reason).to_owned(),
        });
        Problem {
            kind: format!("urn:jiangxin:problem:{code}"),
            title: language.choose(&title).to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: language.choose(&detail(error)).to_owned(),
            instance: instance.to_owned(),
            request_id: request_id.to_owned(),
            errors: errors.collect(),
        }
    }
}

/// Answers a failed request; the one place where an internal error is logged.
pub fn answer(error: &Error, request: &HttpRequest) -> HttpResponse {
    let request_id = RequestId::of(request);
    if let Error::Internal(cause) = error {
        tracing::error!(%request_id, path = request.path(), "internal error: {cause:#}");
    }
    let problem = Problem::new(error, Language::of(request), request.path(), &request_id);
    let (status, ..) = status_and_code(error);
    let mut response = HttpResponse::build(status);
    match error {
        Error::TooMany(wait) | Error::Busy(wait) => {
            response.insert_header((header::RETRY_AFTER, wait.to_string()));
        }
        Error::Unauthenticated => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        _ => {}
    }
    response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    response.body(serde_json::to_vec(&problem).unwrap_or_default())
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        status_and_code(self).0
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// Refuses a request before it reaches a room.
pub fn refuse(request: ServiceRequest, error: &Error) -> ServiceResponse<BoxBody> {
    let answer = answer(error, request.request());
    request.into_response(answer)
}

/// Words what a room answered as `Error`; nothing of the request may be held meanwhile, actix wants it to itself.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let refused = response.response().error();
    let worded = match refused.map(|refused| (refused, refused.as_error::<Error>())) {
        None => return Ok(response),
        Some((_, Some(error))) => answer(error, response.request()),
        Some((refused, None)) => answer(&foreign(refused), response.request()),
    };
    Ok(response.into_response(worded))
}

/// Turns what actix itself refused into one of our errors.
fn foreign(refused: &actix_web::Error) -> Error {
    match refused.as_response_error().status_code().is_client_error() {
        true => Error::Malformed(Refusal::new("", "malformed", "请求无法读取", refused.to_string())),
        false => Error::internal(refused),
    }
}

/// The failures that any operation may answer with, for the OpenAPI document.
#[derive(utoipa::IntoResponses)]
pub enum Failures {
    /// The request cannot be read.
    #[response(status = 400, description = "请求无法读取", content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
    /// No or bad credentials.
    #[response(status = 401, description = "需要登录", content_type = "application/problem+json")]
    Unauthenticated(#[to_schema] Problem),
    /// Not yours.
    #[response(status = 403, description = "没有权限", content_type = "application/problem+json")]
    Forbidden(#[to_schema] Problem),
    /// No such thing.
    #[response(status = 404, description = "没有找到", content_type = "application/problem+json")]
    NotFound(#[to_schema] Problem),
    /// The present state does not allow it.
    #[response(status = 409, description = "与当前状态冲突", content_type = "application/problem+json")]
    Conflict(#[to_schema] Problem),
    /// Well-formed but refused.
    #[response(status = 422, description = "内容未被接受", content_type = "application/problem+json")]
    Invalid(#[to_schema] Problem),
    /// Too many requests.
    #[response(status = 429, description = "请求过于频繁", content_type = "application/problem+json")]
    TooMany(#[to_schema] Problem),
    /// Busy.
    #[response(status = 503, description = "服务繁忙", content_type = "application/problem+json")]
    Busy(#[to_schema] Problem),
}
