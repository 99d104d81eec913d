//! `qa image`: build, list and verify the reference images.

use reports::ExitStatus;
use serde_json::json;
use vm::image::{BuildError, BuildProgress, BuiltImage, ImageStore, Recipe};

use crate::cache::open_images;
use crate::cancel::Cancel;
use crate::cli::{Format, ImageCommand};
use crate::commands::columns::print_columns;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::{Failure, chain};
use crate::millis::millis;
use crate::recipes::{find_recipe, recipe_roots};

/// Runs `qa image ...`.
///
/// # Errors
/// Unknown recipes, failed builds, a cache that cannot be used.
pub(super) fn image(context: &Context, command: ImageCommand) -> Result<ExitStatus, Failure> {
    match command {
        ImageCommand::Build { names, force } => {
            let root = context.root_or_here();
            let recipes = names
                .iter()
                .map(|name| find_recipe(&root, name))
                .collect::<Result<Vec<_>, _>>()?;
            let store = open_images()?;
            context.block_on(build(context, &store, &recipes, force))?
        }
        ImageCommand::List { format } => list(context, format),
        ImageCommand::Verify => verify(),
    }
}

async fn build(
    context: &Context,
    store: &ImageStore,
    recipes: &[Recipe],
    force: bool,
) -> Result<ExitStatus, Failure> {
    let cancel = Cancel::on_signals()
        .map_err(|error| Failure::error(format!("cannot listen to signals: {error}")))?;
    for recipe in recipes {
        let mut cancel = cancel.clone();
        let began = std::time::Instant::now();
        let known = store
            .find(recipe)
            .map_err(|error| Failure::error(chain(&error)))?;
        let fresh = known.is_none() || force;
        let on_progress = |progress| {
            let line = match progress {
                BuildProgress::Line(line) => line,
                BuildProgress::WaitingForAnotherBuild => {
                    "another process builds it; waiting for that".to_owned()
                }
            };
            context.say(&format!("{}: {line}", recipe.name()));
        };
        let built = if force {
            let cancel = cancel.requested();
            store.rebuild(recipe, on_progress, cancel).await
        } else {
            store.build(recipe, on_progress, cancel.requested()).await
        };
        match built {
            Ok(image) => {
                let time = millis(began.elapsed());
                let how = if fresh {
                    format!("built in {}", reports::human_duration(time))
                } else {
                    "unchanged".to_owned()
                };
                print(&format!(
                    "{}  {}  {how}",
                    recipe.name(),
                    image.path.display()
                ))?;
            }
            Err(BuildError::Cancelled { name }) => {
                context.say(&format!(
                    "the build of {name} was stopped; nothing is left of it"
                ));
                return Ok(ExitStatus::Cancelled);
            }
            Err(error) => {
                return Err(Failure::error(chain(&error))
                    .hint("`qa doctor` says what this host lacks for building images"));
            }
        }
    }
    Ok(ExitStatus::Success)
}

fn list(context: &Context, format: Format) -> Result<ExitStatus, Failure> {
    let store = open_images()?;
    let root = context.root_or_here();
    let roots = recipe_roots(&root);
    let mut rows = Vec::new();
    for name in Recipe::names(&roots) {
        let recipe = find_recipe(&root, &name)?;
        let built = store
            .find(&recipe)
            .map_err(|error| Failure::error(chain(&error)))?;
        match format {
            Format::Json => print_json(&json!({
                "name": name,
                "recipe": recipe.folder(),
                "recipe_digest": recipe.digest().to_string(),
                "built": built.as_ref().map(|image| json!({
                    "path": image.path, "digest": image.digest.to_string(), "bytes": image.bytes,
                })),
            }))?,
            Format::Text => {
                let state = state(&name, built.as_ref());
                rows.push((name, state));
            }
        }
    }
    print_columns(0, &rows)?;
    Ok(ExitStatus::Success)
}

fn state(name: &str, built: Option<&BuiltImage>) -> String {
    match built {
        Some(image) => format!(
            "built      {:>5} MiB  {}",
            image.bytes >> 20,
            image.path.display()
        ),
        None => format!("not built  `qa image build {name}` builds it"),
    }
}

fn verify() -> Result<ExitStatus, Failure> {
    let store = open_images()?;
    let mut good = true;
    for image in store
        .list()
        .map_err(|error| Failure::error(chain(&error)))?
    {
        match store.verify(&image) {
            Ok(()) => print(&format!("ok       {}", image.path.display()))?,
            Err(error) => {
                good = false;
                print(&format!(
                    "damaged  {}: {}",
                    image.path.display(),
                    chain(&error)
                ))?;
            }
        }
    }
    let unpacked = store
        .verify_unpacked()
        .map_err(|error| Failure::error(chain(&error)))?;
    for (path, is_whole) in unpacked {
        if is_whole {
            print(&format!("ok       {}", path.display()))?;
        } else {
            good = false;
            print(&format!(
                "damaged  {}: it is not what was unpacked; remove it, and the next run unpacks it again",
                path.display()
            ))?;
        }
    }
    Ok(if good {
        ExitStatus::Success
    } else {
        ExitStatus::Error
    })
}
