//! A project in a temporary folder, for the tests of planning.

use std::fs;
use std::path::Path;

use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;
use vm::image::ImageStore;

use crate::failure::Failure;
use crate::host::HostCheck;
use crate::plan::cell::Cell;
use crate::plan::planner::{OnLack, PlanSources, PlannedRun, Planner};
use crate::plan::request::{
    Among, Extent, Part, RunRequest, ScenarioName, Selection, Setting, Tries,
};
use crate::plan::stages::SavedFor;
use crate::project::Project;
use crate::talk::Talk;

/// A project of files in a folder of its own.
pub(crate) struct SampleProject {
    folder: tempfile::TempDir,
}

impl SampleProject {
    /// Makes a project of these files. Every image has the same boot sector.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Self { folder };
        for (path, text) in files {
            project.write(path, text.as_bytes());
        }
        for image in ["disk.img", "other.img"] {
            let mut disk = vec![0; 64 << 10];
            disk[..2].copy_from_slice(&[0xfa, 0xf4]);
            disk[510..512].copy_from_slice(&[0x55, 0xaa]);
            disk[600..600 + image.len()].copy_from_slice(image.as_bytes());
            project.write(image, &disk);
        }
        project
    }

    /// Returns its folder.
    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    fn project(&self) -> Project {
        match self.root().join("qa.yaml").exists() {
            true => Project::load(self.root()).expect("a project"),
            false => Project::none(),
        }
    }

    fn images(&self) -> ImageStore {
        ImageStore::open(self.root().join("cache")).expect("a store")
    }

    /// Makes the cells of a request.
    pub(crate) fn cells(&self, request: &RunRequest) -> Result<Vec<Cell>, Failure> {
        let (project, images) = (self.project(), self.images());
        let files = request.selection.files();
        Planner::open(&project, &files, &images, Talk::Quiet)?.cells(request)
    }

    /// Plans cells on a host that has everything and no checkpoint.
    pub(crate) fn plan(&self, cells: &[Cell], settings: &[Setting]) -> Result<PlannedRun, Failure> {
        self.plan_where(cells, settings, &|_| None)
    }

    /// Plans cells on a host with these checkpoints.
    pub(crate) fn plan_where(
        &self,
        cells: &[Cell],
        settings: &[Setting],
        saved: &dyn Fn(&CheckpointKey) -> Option<SavedFor>,
    ) -> Result<PlannedRun, Failure> {
        let (project, images) = (self.project(), self.images());
        let planner = Planner::open(&project, &[], &images, Talk::Quiet)?;
        planner.plan(
            cells,
            PlanSources {
                settings,
                saved,
                identity: &|spec: &MachineSpec| {
                    Some(format!("{} {} MiB", spec.arch, spec.memory_mib))
                },
                today: None,
                host: HostCheck::of_host_with_everything(),
                on_lack: OnLack::Note,
            },
        )
    }

    /// Plans a request.
    pub(crate) fn planned(&self, request: &RunRequest) -> Result<PlannedRun, Failure> {
        self.plan(&self.cells(request)?, &request.vars)
    }
}

/// Returns a request for these scenarios of a project, or for all.
pub(crate) fn request(words: &[&str]) -> RunRequest {
    let selection = Selection {
        scenarios: words
            .iter()
            .map(|word| ScenarioName::of_word(word))
            .collect(),
        among: Among::Project,
        image: None,
        machine: None,
    };
    RunRequest::for_person(selection, Extent::Whole(Tries::Retry(0)))
}

/// Returns the request for a part.
pub(crate) fn part_of(request: RunRequest, part: Part) -> RunRequest {
    RunRequest {
        extent: Extent::Part(part),
        ..request
    }
}

/// Returns the request for a matrix.
pub(crate) fn of_matrix(request: RunRequest, matrix: &str) -> RunRequest {
    RunRequest {
        selection: Selection {
            among: Among::Matrix(matrix.to_owned()),
            ..request.selection
        },
        ..request
    }
}
