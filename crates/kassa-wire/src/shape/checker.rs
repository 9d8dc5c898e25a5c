//! The check of a body by its table.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::{Field, Presence, Rule, Shape, UnknownFields};
use crate::problems::{FieldProblem, Problems};
use crate::tolerant::{WholeNumber, as_decimal, as_flag, as_integer, as_text};

/// The order in which the check visits the fields of an object, and therefore the order of the problems.
#[derive(Clone, Copy, Debug)]
pub enum ProblemOrder {
    /// The order of the table.
    Table,
    /// The order of the body; missing fields come last.
    Body,
}

/// A check under way.
pub(super) struct Checker {
    order: ProblemOrder,
    problems: Problems,
}

impl Checker {
    /// Checks the outermost object. `root` says whether its required fields must be present.
    pub(super) fn check_body(
        object: &mut Map<String, Value>,
        shape: Shape,
        root: Presence,
        order: ProblemOrder,
    ) -> Problems {
        let mut checker = Self { order, problems: Problems::default() };
        checker.check_fields(object, shape, root, Path::Root);
        checker.problems
    }

    /// Checks a value that is no part of a body.
    #[cfg(test)]
    pub(super) fn check_alone(value: &mut Value, rule: Rule) -> Problems {
        let mut checker = Self { order: ProblemOrder::Table, problems: Problems::default() };
        checker.check(value, rule, Path::Field(&Path::Root, "value"));
        checker.problems
    }

    /// Checks the fields of an object, and removes fields that are `null`.
    fn check_fields(
        &mut self,
        object: &mut Map<String, Value>,
        shape: Shape,
        presence: Presence,
        path: Path<'_>,
    ) {
        let keeps_null = |name: &str| shape.field(name).is_some_and(Field::keeps_null);
        object.retain(|name, value| !value.is_null() || keeps_null(name));
        match self.order {
            ProblemOrder::Table => self.check_in_table_order(object, shape, presence, path),
            ProblemOrder::Body => {
                self.check_in_body_order(object, shape, path);
                let is_missing = |field: &&Field| {
                    field.must_be_present(presence) && !object.contains_key(field.wire_name())
                };
                shape.fields.iter().filter(is_missing).for_each(|field| self.report_missing(field, path));
            }
        }
    }

    fn check_in_table_order(
        &mut self,
        object: &mut Map<String, Value>,
        shape: Shape,
        presence: Presence,
        path: Path<'_>,
    ) {
        for field in shape.fields {
            match object.get_mut(field.wire_name()) {
                Some(value) => self.check(value, field.rule, Path::Field(&path, field.wire_name())),
                None if field.must_be_present(presence) => self.report_missing(field, path),
                None => {}
            }
        }
        let unknown = object.keys().filter(|name| shape.field(name).is_none());
        unknown.for_each(|name| self.report_unknown(name, shape, path));
    }

    fn check_in_body_order(&mut self, object: &mut Map<String, Value>, shape: Shape, path: Path<'_>) {
        for (name, value) in object {
            match shape.field(name) {
                Some(field) => self.check(value, field.rule, Path::Field(&path, name)),
                None => self.report_unknown(name, shape, path),
            }
        }
    }

    fn report_missing(&mut self, field: &Field, path: Path<'_>) {
        self.problems.at(Path::Field(&path, field.wire_name()).to_string(), FieldProblem::Missing);
    }

    fn report_unknown(&mut self, name: &str, shape: Shape, path: Path<'_>) {
        match shape.unknown {
            UnknownFields::Ignored => {}
            UnknownFields::Refused => {
                self.problems.at(Path::Field(&path, name).to_string(), FieldProblem::Unknown);
            }
        }
    }

    fn check(&mut self, value: &mut Value, rule: Rule, path: Path<'_>) {
        let checked = match rule {
            Rule::Text { min, max } => check_text(value, |text| sized(text.chars().count(), min, max)),
            Rule::Matching(form) => {
                check_text(value, |text| (form.accepts)(text).then_some(()).ok_or(FieldProblem::Invalid))
            }
            Rule::Code(letters) => check_code(value, letters),
            Rule::CodeOrEmpty(_) if value.as_str() == Some("") => Ok(()),
            Rule::CodeOrEmpty(letters) => check_code(value, letters),
            Rule::Word(words) => check_word(value, words),
            Rule::ExactWord(words) => {
                check_text(value, |text| words.contains(&text).then_some(()).ok_or(FieldProblem::Invalid))
            }
            Rule::Integer { min, max } => check_number(value, min, max, WholeNumber::exact),
            Rule::Rate { min, max } => check_number(value, min, max, |number| Some(number.truncated())),
            Rule::Decimal => check_decimal(value),
            Rule::Flag => check_flag(value),
            Rule::Exact(types) => {
                types.iter().any(|kind| kind.includes(value)).then_some(()).ok_or(FieldProblem::Invalid)
            }
            Rule::Object(shape) => self.check_object(value, shape, path),
            Rule::TextOr(_) if value.is_string() => Ok(()),
            Rule::TextOr(shape) => self.check_alternative(value, shape, path),
            Rule::List { of, min, max } => {
                self.check_list(value, *of, path).and_then(|size| sized(size, min, max))
            }
        };
        if let Err(fault) = checked {
            self.problems.at(path.to_string(), fault);
        }
    }

    fn check_object(&mut self, value: &mut Value, shape: Shape, path: Path<'_>) -> Result<(), FieldProblem> {
        let object = value.as_object_mut().ok_or(FieldProblem::NotA("an object"))?;
        self.check_fields(object, shape, Presence::Required, path);
        Ok(())
    }

    /// Checks an object that represents a text.
    fn check_alternative(
        &mut self,
        value: &mut Value,
        shape: Shape,
        path: Path<'_>,
    ) -> Result<(), FieldProblem> {
        let mut inner = Self { order: self.order, problems: Problems::default() };
        inner.check_object(value, shape, path)?;
        for (path_of_field, fault) in inner.problems {
            match fault {
                FieldProblem::Missing => self.problems.at(path_of_field, fault),
                FieldProblem::Unknown
                | FieldProblem::Size { .. }
                | FieldProblem::LessThan(_)
                | FieldProblem::MoreThan(_)
                | FieldProblem::NoneOf(_)
                | FieldProblem::NotA(_)
                | FieldProblem::Invalid => self.problems.at(path.to_string(), FieldProblem::Invalid),
            }
        }
        Ok(())
    }

    /// Checks the values of a list, and returns their number.
    fn check_list(&mut self, value: &mut Value, of: Rule, path: Path<'_>) -> Result<usize, FieldProblem> {
        let values = value.as_array_mut().ok_or(FieldProblem::NotA("a list"))?;
        for (index, value) in values.iter_mut().enumerate() {
            self.check(value, of, Path::Index(&path, index));
        }
        Ok(values.len())
    }
}

impl Field {
    /// The field's name on the wire.
    pub(crate) fn wire_name(&self) -> &'static str {
        self.name.trim_start_matches("r#")
    }

    /// Whether the rule sees `null`. Otherwise `null` counts as absent.
    fn keeps_null(&self) -> bool {
        self.presence == Presence::Defaulted || matches!(self.rule, Rule::Exact(_))
    }

    /// Whether the field must be present. In a partial body no field must.
    fn must_be_present(&self, root: Presence) -> bool {
        self.presence == Presence::Required && root == Presence::Required
    }
}

impl Shape {
    fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.wire_name() == name)
    }
}

fn sized(size: usize, min: usize, max: usize) -> Result<(), FieldProblem> {
    if (min..=max).contains(&size) { Ok(()) } else { Err(FieldProblem::Size { min, max }) }
}

/// Checks a text, and writes a number as a text.
fn check_text(
    value: &mut Value,
    check: impl Fn(&str) -> Result<(), FieldProblem>,
) -> Result<(), FieldProblem> {
    let text = as_text(value).ok_or(FieldProblem::NotA("a text"))?;
    check(&text)?;
    if let Cow::Owned(text) = text {
        *value = Value::String(text);
    }
    Ok(())
}

fn check_code(value: &mut Value, letters: usize) -> Result<(), FieldProblem> {
    let text = value.as_str().ok_or(FieldProblem::NotA("a text"))?;
    if text.len() != letters || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(FieldProblem::Invalid);
    }
    *value = Value::String(text.to_ascii_uppercase());
    Ok(())
}

fn check_word(value: &mut Value, words: &'static [&'static str]) -> Result<(), FieldProblem> {
    let text = value.as_str().ok_or(FieldProblem::NotA("a text"))?;
    let word =
        words.iter().find(|word| word.eq_ignore_ascii_case(text)).ok_or(FieldProblem::NoneOf(words))?;
    *value = Value::String((*word).to_string());
    Ok(())
}

fn check_number(
    value: &mut Value,
    min: i64,
    max: i64,
    read: fn(WholeNumber) -> Option<i64>,
) -> Result<(), FieldProblem> {
    let number = as_integer(value).and_then(read).ok_or(FieldProblem::NotA("a whole number"))?;
    if number < min {
        return Err(FieldProblem::LessThan(min));
    }
    if number > max {
        return Err(FieldProblem::MoreThan(max));
    }
    *value = Value::from(number);
    Ok(())
}

fn check_decimal(value: &mut Value) -> Result<(), FieldProblem> {
    let number = as_decimal(value).ok_or(FieldProblem::NotA("a number"))?;
    *value = Value::from(number);
    Ok(())
}

fn check_flag(value: &mut Value) -> Result<(), FieldProblem> {
    let flag = as_flag(value).ok_or(FieldProblem::NotA("true or false"))?;
    *value = Value::Bool(flag);
    Ok(())
}

/// The path of a value in the body. It becomes text only if the value is invalid.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
