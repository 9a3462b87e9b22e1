//! What a form of a page sends: `token=…&plan_id=…`.

use percent_encoding::percent_decode_str;

#[derive(Default)]
pub struct Form {
    pub token: Option<String>,
    pub plan_id: Option<String>,
}

impl Form {
    pub fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut form = Self::default();
        for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
            match name {
                "token" => form.token = Some(value),
                "plan_id" => form.plan_id = Some(value),
                _ => {}
            }
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_writes_it() {
        let form = Form::read(b"token=a%2Bb+c%26d&other=x&plan_id=p-1");
        assert_eq!((form.token.as_deref(), form.plan_id.as_deref()), (Some("a+b c&d"), Some("p-1")));
        let form = Form::read(b"\xff&=&token");
        assert_eq!((form.token, form.plan_id), (None, None));
    }
}
