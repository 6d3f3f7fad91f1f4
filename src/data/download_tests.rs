//! Downloads from mirrors on this machine: good ones, and ones that fail in every way.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::data::fixtures::{assert_whole, gzip, real_folder, skip, whole_folder};
use crate::data::load::load_from;
use crate::data::{Choice, Noun, Origin, Request, Wanted, idx_set, mnist};

/// The two messages whose hashes FIPS 180-2 prints.
const SHORT: &[u8] = b"abc";
const SHORT_SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const LONG: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const LONG_SHA256: &str = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

/// What a mirror answers.
enum Reply {
    /// This body.
    Body(Vec<u8>),
    /// This body, of which a longer length was promised.
    Broken(Vec<u8>),
    /// A body that never ends.
    Endless,
    /// This status and no body.
    Status(&'static str),
}

/// A mirror on this machine, which lives as long as the process.
struct Mirror {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// One that answers a path like `/name.gz` with `reply`'s result.
    fn start(reply: impl Fn(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that hangs up is part of some tests.
                let _ = answer(&stream.unwrap(), &reply, &log);
            }
        });
        Self { base, requests }
    }

    /// One that has both files.
    fn good() -> Self {
        Self::start(|path| Reply::Body(packed(path)))
    }

    /// The address without a scheme, as a message should have it.
    fn host(&self) -> &str {
        self.base.trim_start_matches("http://").trim_end_matches('/')
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    mut stream: &TcpStream,
    reply: &impl Fn(&str) -> Reply,
    log: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    let mut send = |status: &str, length: usize, body: &[u8]| {
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body))
    };
    match reply(&path) {
        Reply::Body(body) => send("200 OK", body.len(), &body),
        Reply::Broken(body) => send("200 OK", body.len() + 1, &body),
        Reply::Status(status) => send(status, 0, &[]),
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[0; 4096])?;
            }
        }
    }
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/", listener.local_addr().unwrap())
}

/// A file's compressed content by its path at a mirror.
fn packed(path: &str) -> Vec<u8> {
    gzip(if path == "/short.gz" { SHORT } else { LONG })
}

fn table() -> [RemoteFile; 2] {
    let file = |name, content: &[u8], sha256| {
        let size = gzip(content).len() as u64;
        RemoteFile { name, size, sha256 }
    };
    [file("short", SHORT, SHORT_SHA256), file("long", LONG, LONG_SHA256)]
}

fn cache() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn fetch_from(bases: &[&str], cache: &Path) -> Result<(), DownloadError> {
    fetch(&Mirrors { bases, files: &table(), ..Mirrors::MNIST }, cache, &|_| ())
}

/// What cannot be fetched from this mirror, in one sentence that names it.
#[track_caller]
fn problem(reply: impl Fn(&str) -> Reply + Send + 'static) -> String {
    let (mirror, cache) = (Mirror::start(reply), cache());
    let error = fetch_from(&[&mirror.base], cache.path()).expect_err("a bad file was taken");
    assert!(matches!(error, DownloadError::Mirrors { .. }), "{error:?}");
    assert_eq!(stored(cache.path()), [""; 0], "something was left");
    let message = error.to_string();
    assert!(message.contains(mirror.host()), "does not name the mirror: {message}");
    assert!(!message.contains('\n') && !message.ends_with('.'), "not one sentence: {message}");
    message
}

#[track_caller]
fn assert_says(message: &str, part: &str) {
    assert!(message.contains(part), "no {part:?} in: {message}");
}

/// The names in a folder, sorted.
fn stored(cache: &Path) -> Vec<String> {
    let entries = fs::read_dir(cache).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[track_caller]
fn assert_stored(cache: &Path) {
    assert_eq!(stored(cache), ["long", "short"]);
    assert_eq!(fs::read(cache.join("short")).unwrap(), SHORT);
    assert_eq!(fs::read(cache.join("long")).unwrap(), LONG);
}

#[test]
fn files_are_fetched_unpacked_and_stored_with_progress() {
    let (mirror, parent) = (Mirror::good(), cache());
    let folder = parent.path().join("made/on/the/way");
    let steps = Mutex::new(Vec::new());
    let mirrors = Mirrors { bases: &[&mirror.base], files: &table(), ..Mirrors::MNIST };
    fetch(&mirrors, &folder, &|step| steps.lock().unwrap().push(step)).unwrap();
    assert_stored(&folder);
    assert_eq!(mirror.requests(), ["/short.gz", "/long.gz"]);
    let steps = steps.into_inner().unwrap();
    for RemoteFile { name, size, .. } in table() {
        let bytes: Vec<u64> = steps
            .iter()
            .filter_map(|step| match step {
                Progress::Downloading { file, done, total, .. } if *file == name => {
                    assert_eq!(*total, size);
                    Some(*done)
                }
                _ => None,
            })
            .collect();
        assert_eq!((bytes.first(), bytes.last()), (Some(&0), Some(&size)), "{name}");
        assert!(bytes.is_sorted(), "{name}: {bytes:?}");
    }
}

#[test]
fn the_next_mirror_is_tried_after_each_kind_of_failure() {
    let replies: [fn(&str) -> Reply; 5] = [
        |path| Reply::Body(packed(if path == "/short.gz" { "/long.gz" } else { "/short.gz" })),
        |path| Reply::Broken(packed(path)),
        |_| Reply::Endless,
        |_| Reply::Status("404 Not Found"),
        |_| Reply::Body(Vec::new()),
    ];
    for reply in replies {
        let (bad, good, cache) = (Mirror::start(reply), Mirror::good(), cache());
        fetch_from(&[&bad.base, &good.base], cache.path()).unwrap();
        assert_stored(cache.path());
        assert_eq!(bad.requests(), good.requests());
    }
    let (good, cache) = (Mirror::good(), cache());
    fetch_from(&[&nobody(), &good.base], cache.path()).unwrap();
    assert_stored(cache.path());
}

#[test]
fn a_wrong_hash_is_named() {
    // As long as the right file, intact as gzip, and another text.
    let other = |path: &str| {
        let mut text = if path == "/short.gz" { SHORT.to_vec() } else { LONG.to_vec() };
        text.swap(0, 1);
        gzip(&text)
    };
    assert_eq!(other("/short.gz").len(), packed("/short.gz").len());
    assert_says(&problem(move |path| Reply::Body(other(path))), "short.gz has the wrong checksum");
}

#[test]
fn a_wrong_length_is_named() {
    let is_not = format!("short.gz is not {} bytes long", table()[0].size);
    assert_says(&problem(|_| Reply::Body(Vec::new())), &is_not);
    assert_says(&problem(|path| Reply::Body(packed(path)[1..].to_vec())), &is_not);
    assert_says(&problem(|path| Reply::Body([&packed(path)[..], b"!"].concat())), &is_not);
    assert_says(&problem(|_| Reply::Endless), &is_not);
}

#[test]
fn a_connection_that_breaks_is_named() {
    let message = problem(|path| Reply::Broken(packed(path)[..4].to_vec()));
    assert_says(&message, "disconnected");
}

#[test]
fn a_file_that_does_not_unpack_is_named() {
    let size = table()[0].size as usize;
    assert_says(&problem(move |_| Reply::Body(vec![0; size])), "short.gz cannot be unpacked");
}

#[test]
fn a_status_is_named() {
    assert_says(&problem(|_| Reply::Status("404 Not Found")), "404");
    assert_says(&problem(|_| Reply::Status("503 Service Unavailable")), "503");
}

#[test]
fn every_mirror_is_named_with_its_cause() {
    let (nobody, missing, cache) =
        (nobody(), Mirror::start(|_| Reply::Status("404 Not Found")), cache());
    let error = fetch_from(&[&nobody, &missing.base], cache.path()).unwrap_err().to_string();
    let (first, second) = error.split_once("; ").expect("two causes");
    assert_says(first, nobody.trim_start_matches("http://").trim_end_matches('/'));
    assert_says(first, "refused");
    assert_says(second, missing.host());
    assert_says(second, "404");
    assert_eq!(stored(cache.path()), [""; 0]);
}

#[test]
fn a_host_without_an_address_is_a_short_reason() {
    let cache = cache();
    let error = fetch_from(&["http://nowhere.invalid/mnist/"], cache.path()).unwrap_err();
    assert_says(&error.to_string(), "nowhere.invalid");
    let reason = error.reason();
    assert!(!reason.contains("nowhere") && reason.chars().count() <= 40, "{reason}");
}

#[test]
fn a_later_call_fetches_only_what_is_missing_or_damaged() {
    let half = Mirror::start(|path| match path {
        "/short.gz" => Reply::Body(packed(path)),
        _ => Reply::Status("500 Internal Server Error"),
    });
    let (mirror, cache) = (Mirror::good(), cache());
    assert!(fetch_from(&[&half.base], cache.path()).is_err());
    assert_eq!(stored(cache.path()), ["short"]);
    fetch_from(&[&mirror.base], cache.path()).unwrap();
    assert_stored(cache.path());
    assert_eq!(mirror.requests(), ["/long.gz"]);
    fs::write(cache.path().join("short"), "abd").unwrap();
    fetch_from(&[&mirror.base], cache.path()).unwrap();
    assert_stored(cache.path());
    assert_eq!(mirror.requests(), ["/long.gz", "/short.gz"]);
}

#[test]
fn a_cache_that_cannot_be_made_is_named_before_anything_is_fetched() {
    let (mirror, parent) = (Mirror::good(), cache());
    let file = parent.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    for folder in [file.clone(), file.join("cache")] {
        let error = fetch_from(&[&mirror.base], &folder).unwrap_err();
        assert!(matches!(error, DownloadError::Store { .. }), "{error:?}");
        assert_says(&error.to_string(), &format!("stored in {} (", folder.display()));
    }
    assert_eq!(mirror.requests(), [""; 0]);
}

#[test]
fn a_place_that_takes_no_file_is_an_error_and_leaves_nothing() {
    let (mirror, cache) = (Mirror::good(), cache());
    fs::create_dir(cache.path().join("short")).unwrap();
    let error = fetch_from(&[&mirror.base], cache.path()).unwrap_err();
    assert!(matches!(error, DownloadError::Store { .. }), "{error:?}");
    assert_says(&error.to_string(), &cache.path().display().to_string());
    assert_eq!(stored(cache.path()), ["short"]);
}

#[cfg(unix)]
#[test]
fn a_cache_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let (mirror, cache) = (Mirror::good(), cache());
    fs::set_permissions(cache.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if tempfile::tempfile_in(cache.path()).is_ok() {
        return skip("permissions do not bind this user");
    }
    let error = fetch_from(&[&mirror.base], cache.path()).unwrap_err();
    assert!(matches!(error, DownloadError::Store { .. }), "{error:?}");
    assert_says(&error.to_string(), &cache.path().display().to_string());
}

#[test]
fn sets_with_the_same_file_names_have_their_own_tables() {
    for mirrors in [Mirrors::MNIST, Mirrors::FASHION_MNIST, Mirrors::KMNIST] {
        let names: Vec<_> = mirrors.files.iter().map(|file| file.name).collect();
        assert_eq!(names, mnist::FILES.map(|file| file.name));
        assert!(!mirrors.bases.is_empty() && mirrors.bases.iter().all(|base| base.ends_with('/')));
        assert!(mirrors.files.iter().all(|file| file.sha256.len() == 64));
    }
}

#[test]
fn the_table_has_the_hashes_of_the_real_set() {
    let Some(folder) = real_folder() else { return };
    for file in Mirrors::MNIST.files {
        let bytes = fs::read(folder.join(file.name)).or_else(|_| {
            let packed = fs::File::open(folder.join(format!("{}.gz", file.name)))?;
            let mut bytes = Vec::new();
            GzDecoder::new(packed).read_to_end(&mut bytes).map(|_| bytes)
        });
        assert_eq!(sha256(&bytes.unwrap()), file.sha256, "{}", file.name);
    }
}

/// A mirror that has the four files of a whole but fake set, and their table.
fn whole_mirror() -> (Mirror, Vec<RemoteFile>) {
    let folder = whole_folder();
    let files = mnist::FILES.map(|file| {
        let packed = fs::read(folder.path().join(format!("{}.gz", file.name))).unwrap();
        let mut bytes = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
        RemoteFile { name: file.name, size: packed.len() as u64, sha256: sha256(&bytes).leak() }
    });
    let reply = move |path: &str| Reply::Body(fs::read(folder.path().join(&path[1..])).unwrap());
    (Mirror::start(reply), files.to_vec())
}

#[test]
fn a_missing_or_damaged_cache_is_fetched_and_then_read() {
    let (mirror, files) = whole_mirror();
    let mirrors = Mirrors { bases: &[&mirror.base], files: &files, ..Mirrors::MNIST };
    let (parent, damaged) = (cache(), cache());
    fs::create_dir(damaged.path().join("mnist")).unwrap();
    fs::write(damaged.path().join("mnist").join(mnist::FILES[1].name), "damage").unwrap();
    for cache in [parent.path().join("new"), damaged.path().to_owned()] {
        let folder = cache.join("mnist");
        let request = Request {
            choice: Choice::Auto,
            wanted: Wanted::default(),
            environment: None,
            cache,
            seed: 1,
            limit: None,
        };
        let source = load_from(&mirrors, &request, &|_| ()).unwrap().origin;
        assert_eq!(source, Origin::known("MNIST", Noun::Digit, &folder));
        assert_eq!(mirror.requests.lock().unwrap().drain(..).count(), 4);
        // From now on from the cache, by the `mnist` crate.
        let steps = Mutex::new(Vec::new());
        let again = load_from(&mirrors, &request, &|step| steps.lock().unwrap().push(step));
        assert_eq!(mirror.requests(), [""; 0]);
        assert_eq!(steps.into_inner().unwrap(), [Progress::Reading(folder.clone())]);
        let (again, ours) = (again.unwrap(), idx_set::load(&folder).unwrap());
        assert!(again.train == ours.train && again.test == ours.test);
    }
}

#[test]
fn a_failed_download_is_the_reason_for_drawn_digits() {
    let (nobody, cache) = (nobody(), cache());
    let mirrors = Mirrors { bases: &[&nobody], files: &table(), ..Mirrors::MNIST };
    let cache = cache.path().to_owned();
    let mut request = Request {
        wanted: Wanted::default(),
        choice: Choice::Auto,
        environment: None,
        cache,
        seed: 1,
        limit: None,
    };
    let dataset = load_from(&mirrors, &request, &|_| ()).unwrap();
    let reason = dataset.origin.stand_in.as_deref().expect("there is a reason");
    assert_eq!(reason, "the download failed: connection refused");
    request.choice = Choice::Mnist;
    let error = load_from(&mirrors, &request, &|_| ()).unwrap_err().to_string();
    assert_says(&error, "could not be downloaded (127.0.0.1:");
    assert_says(&error, "refused");
    assert_says(&error, "--data");
}

/// Two mirrors, of which the first does not answer, and the set is kept as it comes.
#[test]
fn other_sets_are_kept_packed_each_in_its_folder_and_have_the_names_of_their_classes() {
    let (mirror, unpacked) = whole_mirror();
    let folder = whole_folder();
    let of_packed = |file: &RemoteFile| {
        let packed = fs::read(folder.path().join(format!("{}.gz", file.name))).unwrap();
        RemoteFile { sha256: sha256(&packed).leak(), ..*file }
    };
    let files: Vec<RemoteFile> = unpacked.iter().map(of_packed).collect();
    let (nobody, parent) = (nobody(), cache());
    for (choice, place, class) in
        [(Choice::FashionMnist, "fashion-mnist", "Ankle boot"), (Choice::Kmnist, "kmnist", "wo")]
    {
        let (bases, published) = (&[&*nobody, &mirror.base][..], Mirrors::of(&choice));
        let mirrors = Mirrors { bases, files: &files, ..published };
        let request = Request {
            wanted: Wanted::default(),
            choice,
            environment: Some(folder.path().into()),
            cache: parent.path().to_owned(),
            seed: 1,
            limit: None,
        };
        let dataset = load_from(&mirrors, &request, &|_| ()).unwrap();
        assert_eq!(mirror.requests.lock().unwrap().drain(..).count(), 4);
        let kept = parent.path().join(place);
        assert_eq!(stored(&kept).len(), 4);
        assert!(stored(&kept).iter().all(|name| name.ends_with(".gz")));
        assert_whole(&dataset);
        assert_eq!((dataset.classes.len(), dataset.classes.name(9)), (10, class));
        assert_eq!(dataset.origin, Origin::known(mirrors.name(), Noun::Picture, &kept));
        // From the cache; and a file that was changed there is fetched again, alone.
        let again = load_from(&mirrors, &request, &|_| ()).unwrap();
        assert_eq!((mirror.requests().len(), again.fingerprint()), (0, dataset.fingerprint()));
        fs::copy(folder.path().join(packed_name(1)), kept.join(packed_name(3))).unwrap();
        assert_whole(&load_from(&mirrors, &request, &|_| ()).unwrap());
        assert_eq!(
            mirror.requests.lock().unwrap().drain(..).collect::<Vec<_>>(),
            [format!("/{}", packed_name(3))]
        );
    }
    assert_eq!(stored(parent.path()), ["fashion-mnist", "kmnist"]);
}

fn packed_name(file: usize) -> String {
    format!("{}.gz", mnist::FILES[file].name)
}
