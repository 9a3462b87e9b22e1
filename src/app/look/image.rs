//! Image names as people write them.

/// The name without its digest and without what docker adds by itself; a name with no tag stays as it is.
pub fn short_image(image: &str) -> String {
    let named = image.split_once('@').map_or(image, |(name, _)| name);
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    let tagged = named.get(last..).is_some_and(|part| part.contains(':'));
    if !tagged {
        return image.to_owned();
    }
    let home = named.strip_prefix("docker.io/").or_else(|| named.strip_prefix("index.docker.io/"));
    let Some(path) = home else {
        return named.strip_prefix("library/").unwrap_or(named).to_owned();
    };
    // `library/x` is `x`, but `library/x/y` is a path of its own.
    match path.strip_prefix("library/") {
        Some(official) if !official.contains('/') => official.to_owned(),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("nginx:1@sha256:aa", "nginx:1")]
    #[case("nginx@sha256:aa", "nginx@sha256:aa")]
    #[case("docker.io/library/nginx:1", "nginx:1")]
    #[case("library/nginx:1@sha256:aa", "nginx:1")]
    #[case("docker.io/acme/web:1@sha256:aa", "acme/web:1")]
    #[case("10.98.0.1:5000/t:1", "10.98.0.1:5000/t:1")]
    #[case("10.98.0.1:5000/t", "10.98.0.1:5000/t")]
    #[case("10.98.0.1:5000/t@sha256:aa", "10.98.0.1:5000/t@sha256:aa")]
    #[case("", "")]
    fn keeps_what_people_wrote(#[case] image: &str, #[case] short: &str) {
        assert_eq!(short_image(image), short);
    }
}
