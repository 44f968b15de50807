//! Tests of the options of shards.

use super::*;

const NOW: i64 = 1_772_366_400_000_000_000;

fn of(variables: &[(&str, &str)]) -> Result<(Shard, Option<&'static str>), Wrong> {
    let variables: Vec<(String, String)> = (variables.iter())
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    shard("auto", &|name| {
        let found = variables.iter().find(|(of, _)| of == name);
        found.map(|(_, value)| value.clone())
    })
}

#[test]
fn shares_are_counted_from_one() {
    let read = |text| shard(text, &|_| None);
    assert_eq!(read("2/3"), Ok((Shard::new(2, 3).unwrap(), None)));
    assert_eq!(read(" 1/1 "), Ok((Shard::WHOLE, None)));
    for text in [
        "0/3", "4/3", "x/3", "3", "1/", "/3", "-1/3", "1/2/3", "1/0", "+1/2", "1/200000", "",
    ] {
        let wrong = read(text).expect_err(text);
        assert!(!wrong.hint.is_empty());
    }
}

#[test]
fn engines_tell_their_processes_apart() {
    for (variables, number, count, source) in [
        (
            [("SLURM_PROCID", "0"), ("SLURM_NTASKS", "3")],
            1,
            3,
            "SLURM_PROCID",
        ),
        (
            [("JOB_COMPLETION_INDEX", "2"), ("SHARDS", "3")],
            3,
            3,
            "JOB_COMPLETION_INDEX",
        ),
        (
            [("OMPI_COMM_WORLD_RANK", "1"), ("OMPI_COMM_WORLD_SIZE", "2")],
            2,
            2,
            "OMPI_COMM_WORLD_RANK",
        ),
        ([("PMI_RANK", "1"), ("PMI_SIZE", "9")], 2, 9, "PMI_RANK"),
        (
            [("PARALLEL_SEQ", "1"), ("SHARDS", "4")],
            1,
            4,
            "PARALLEL_SEQ",
        ),
    ] {
        let shard = Shard::new(number, count).unwrap();
        assert_eq!(of(&variables), Ok((shard, Some(source))));
    }
    // As srun starts MPI programs.
    let both = [
        ("SLURM_PROCID", "1"),
        ("SLURM_NTASKS", "3"),
        ("PMI_RANK", "1"),
        ("PMI_SIZE", "3"),
    ];
    assert_eq!(of(&both).unwrap().0, Shard::new(2, 3).unwrap());
}

#[test]
fn engines_that_contradict_are_refused() {
    for (variables, named) in [
        (&[][..], "no engine"),
        (&[("SLURM_PROCID", "1")][..], "SLURM_NTASKS"),
        (&[("JOB_COMPLETION_INDEX", "1")][..], "SHARDS"),
        (&[("PARALLEL_SEQ", "0"), ("SHARDS", "4")][..], "1 to 4"),
        (
            &[("SLURM_PROCID", "3"), ("SLURM_NTASKS", "3")][..],
            "0 to 2",
        ),
        (
            &[("SLURM_PROCID", "x"), ("SLURM_NTASKS", "3")][..],
            "not a number",
        ),
        (
            &[
                ("SLURM_PROCID", "0"),
                ("SLURM_NTASKS", "3"),
                ("JOB_COMPLETION_INDEX", "1"),
                ("SHARDS", "3"),
            ][..],
            "SLURM_PROCID says 1/3, but JOB_COMPLETION_INDEX says 2/3",
        ),
        (
            &[
                ("SLURM_PROCID", "0"),
                ("SLURM_NTASKS", "3"),
                ("SHARDS", "4"),
            ][..],
            "SLURM_PROCID says 1/3, but SHARDS is \"4\"",
        ),
    ] {
        let wrong = of(variables).expect_err(named);
        let said = format!("{} {}", wrong.what, wrong.hint);
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn instants_are_exact() {
    for (text, nanos) in [
        ("2026-03-01T12:00:00Z", NOW),
        ("2026-03-01T13:00:00.000000001+01:00", NOW + 1),
        ("1772366400", NOW),
        ("1772366400.123", NOW + 123_000_000),
        ("1772366400.123456789", NOW + 123_456_789),
        ("+5s", NOW + 5_000_000_000),
        ("+0", NOW),
        ("1772366395", NOW - 5_000_000_000),
    ] {
        assert_eq!(instant(text, NOW), Ok(nanos), "{text}");
    }
    for text in [
        "",
        "soon",
        "2026-03-01T12:00:00",
        "5",
        "+",
        "+x",
        "-5s",
        "1e9",
        "1772366400.x",
        "2126-03-01T12:00:00Z",
        "99999999999999999999",
        "2026-02-27T12:00:00Z",
        "+40d",
        "+1000h",
    ] {
        assert!(instant(text, NOW).is_err(), "{text}");
    }
}
