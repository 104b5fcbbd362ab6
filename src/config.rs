//! What may an operator decide? One typed `Config`, from the command line, `JIANGXIN_…` variables and `jiangxin.toml`,
//! in that order; read once at the start. Secrets cannot be printed.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::db::Address;
use crate::error::{Error, Result};

/// Where the service listens when nothing is said.
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";
/// The largest request body taken when nothing is said, in bytes.
const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How many requests a minute one address may make when nothing is said.
const RATE_LIMIT_PER_MINUTE: u32 = 1_200;
/// How many connections the pool holds when nothing is said.
const DATABASE_CONNECTIONS: u32 = 8;
/// How often the indexer looks for new events when nothing is said, in milliseconds.
const INDEX_INTERVAL_MS: u64 = 300;
/// How many bytes the index writer may hold before it flushes, when nothing is said.
const INDEX_WRITER_BYTES: usize = 64 * 1024 * 1024;

/// The file of the data folder that holds the secret of the service when none is given; only its owner may read it.
const SECRET_FILE: &str = "secret";
/// What others may do with it.
const SECRET_MODE: u32 = 0o600;
/// How long it is, in bytes.
const SECRET_BYTES: usize = 32;

/// Everything an operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the database file, the index and the keys.
    pub data: PathBuf,
    /// Where the database is.
    pub database: Address,
    /// How many connections the pool holds.
    pub database_connections: u32,
    /// The GB/T 2260 prefix that is served; empty for the whole country.
    pub region: String,
    /// The address and port to listen on.
    pub listen: String,
    /// The address under which people reach the service, without a slash at the end.
    pub public_url: String,
    /// The largest request body, in bytes.
    pub body_bytes_max: usize,
    /// Requests a minute from one address or key; 0 for no limit.
    pub rate_limit_per_minute: u32,
    /// How often the indexer looks for new events, in milliseconds.
    pub index_interval_ms: u64,
    /// How many bytes the index writer may hold before it flushes.
    pub index_writer_bytes: usize,
    /// How log lines are written: `text` or `json`.
    pub log_format: String,
    /// Seals what may not be read in the database (the secrets of subscribers); made and kept in the data folder when not given.
    pub secret: Option<SecretString>,
}

/// The same as read from `jiangxin.toml`; everything may be missing, nothing may be unknown.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigFile {
    data: Option<PathBuf>,
    database_url: Option<SecretString>,
    database_connections: Option<u32>,
    region: Option<String>,
    listen: Option<String>,
    public_url: Option<String>,
    body_bytes_max: Option<usize>,
    rate_limit_per_minute: Option<u32>,
    index_interval_ms: Option<u64>,
    index_writer_bytes: Option<usize>,
    log_format: Option<String>,
    secret: Option<SecretString>,
}

/// What the command line and the variables say; it goes before the file.
#[derive(Debug, Default, Clone)]
pub struct Overrides {
    /// The data folder.
    pub data: Option<PathBuf>,
    /// The database URL.
    pub database_url: Option<String>,
    /// The region served.
    pub region: Option<String>,
    /// The address to listen on.
    pub listen: Option<String>,
}

impl ConfigFile {
    /// Reads the file if it is there; a file that cannot be understood is an error, not a default.
    pub fn read(path: &Path) -> Result<ConfigFile> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(ConfigFile::default()),
            Err(cause) => {
                return Err(Error::Internal(anyhow::Error::new(cause).context(format!("cannot read {}", path.display()))));
            }
        };
        toml::from_str(&text).map_err(|cause| {
            Error::invalid("", "bad_config", "配置文件无法读取", format!("{}: {}", path.display(), cause.message()))
        })
    }
}

impl Config {
    /// Puts the command line, the variables of the environment and the file together.
    pub fn new(overrides: Overrides, file: ConfigFile, variable: impl Fn(&str) -> Option<String>) -> Result<Config> {
        let ConfigFile { data, database_url, database_connections, region, listen, public_url, .. } = &file;
        let data = overrides.data.or_else(|| data.clone()).unwrap_or_else(|| PathBuf::from("data"));
        let database = match overrides.database_url.or_else(|| database_url.as_ref().map(|url| url.expose_secret().to_owned())) {
            Some(url) => Address::parse(&url)?,
            None => Address::Sqlite(data.join("jiangxin.sqlite")),
        };
        let region = overrides.region.or_else(|| region.clone()).unwrap_or_else(|| "37".to_owned());
        if region.len() > 6 || !region.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::invalid(
                "/region",
                "bad_region",
                "region 须为行政区划代码前缀",
                "the region is not a GB/T 2260 prefix",
            ));
        }
        let listen = overrides.listen.or_else(|| listen.clone()).unwrap_or_else(|| LISTEN_DEFAULT.to_owned());
        let public_url = text("PUBLIC_URL", &variable, public_url.as_ref()).unwrap_or_else(|| format!("http://{listen}"));
        let log_format = text("LOG_FORMAT", &variable, file.log_format.as_ref()).unwrap_or_else(|| "text".to_owned());
        let secret = variable("JIANGXIN_SECRET").map(SecretString::from).or_else(|| file.secret.clone());
        Ok(Config {
            data,
            database,
            database_connections: number("DATABASE_CONNECTIONS", &variable, *database_connections, DATABASE_CONNECTIONS)?.max(2),
            region,
            listen,
            public_url: public_url.trim_end_matches('/').to_owned(),
            body_bytes_max: number("BODY_BYTES_MAX", &variable, file.body_bytes_max, BODY_BYTES_MAX)?,
            rate_limit_per_minute: number("RATE_LIMIT_PER_MINUTE", &variable, file.rate_limit_per_minute, RATE_LIMIT_PER_MINUTE)?,
            index_interval_ms: number("INDEX_INTERVAL_MS", &variable, file.index_interval_ms, INDEX_INTERVAL_MS)?,
            index_writer_bytes: number("INDEX_WRITER_BYTES", &variable, file.index_writer_bytes, INDEX_WRITER_BYTES)?,
            log_format,
            secret,
        })
    }

    /// Gives the secret of the service: the one that was given, or that of the data folder, made when there is none. Several
    /// instances that share a database must be given the same.
    pub fn own_secret(&self) -> Result<SecretString> {
        if let Some(secret) = &self.secret {
            return Ok(secret.clone());
        }
        let path = self.data.join(SECRET_FILE);
        std::fs::create_dir_all(&self.data)?;
        let mut options = std::fs::OpenOptions::new();
        match options.write(true).create_new(true).mode(SECRET_MODE).open(&path) {
            Ok(mut file) => {
                let secret = hex::encode(rand::random::<[u8; SECRET_BYTES]>());
                file.write_all(secret.as_bytes())?;
                file.sync_all()?;
                Ok(SecretString::from(secret))
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
                Ok(SecretString::from(std::fs::read_to_string(&path)?.trim()))
            }
            Err(cause) => Err(cause.into()),
        }
    }

    /// Makes the configuration of a service that lives in one folder and says nothing else.
    pub fn in_folder(data: &Path, database: Address) -> Result<Config> {
        let overrides = Overrides { data: Some(data.to_owned()), ..Overrides::default() };
        Config::new(overrides, ConfigFile::default(), |_| None).map(|config| Config { database, ..config })
    }
}

fn text(name: &str, variable: &impl Fn(&str) -> Option<String>, file: Option<&String>) -> Option<String> {
    variable(&format!("JIANGXIN_{name}")).or_else(|| file.cloned())
}

fn number<N: std::str::FromStr>(
    name: &str,
    variable: &impl Fn(&str) -> Option<String>,
    file: Option<N>,
    default: N,
) -> Result<N> {
    match variable(&format!("JIANGXIN_{name}")) {
        None => Ok(file.unwrap_or(default)),
        Some(text) => text.parse().map_err(|_| {
            Error::invalid(
                "",
                "bad_config",
                format!("JIANGXIN_{name} 须为整数"),
                format!("JIANGXIN_{name} is not a whole number"),
            )
        }),
    }
}
