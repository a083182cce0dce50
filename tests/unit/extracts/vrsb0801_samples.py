"""Small valid VRSB0801 flows, as text: a builder for tests. Persons are fictitious; each part can be replaced."""

from __future__ import annotations

ACCORDE = "<EtatDossierRSA><ETATDOSRSA>2</ETATDOSRSA></EtatDossierRSA>"


def suspended(code: str = "06", since: str = "2026-09-01") -> str:
    """Situation of a dossier whose payment is suspended."""
    return (
        "<EtatDossierRSA><ETATDOSRSA>4</ETATDOSRSA></EtatDossierRSA><SuspensionVersement>"
        f"<MOTISUSVERSRSA>{code}</MOTISUSVERSRSA><DDSUSVERSRSA>{since}</DDSUSVERSRSA></SuspensionVersement>"
    )


def month(first_day: str, *details: tuple[str, str]) -> str:
    """Resources of a month: (nature, amount)."""
    amounts = "".join(
        f"<DetailRessourcesMensuelles><NATRESS>{nature}</NATRESS><MTNATRESSMEN>{amount}</MTNATRESSMEN>"
        "</DetailRessourcesMensuelles>"
        for nature, amount in details
    )
    head = f"<GeneraliteRessourcesMensuelles><MOISRESS>{first_day}</MOISRESS></GeneraliteRessourcesMensuelles>"
    return f"<RessourcesMensuelles>{head}{amounts}</RessourcesMensuelles>"


def resources(*months: str, nil: str = "0") -> str:
    """Resources of the quarter 2026-08 to 2026-10."""
    return (
        f"<Ressources><GeneraliteRessourcesTrimestre><TOPRESSNUL>{nil}</TOPRESSNUL><DDRESS>2026-08-01</DDRESS>"
        f"<DFRESS>2026-10-31</DFRESS></GeneraliteRessourcesTrimestre>{''.join(months)}</Ressources>"
    )


def person(
    role: str = "DEM", *, name: str = "ESSAI", given: str = "ALIX", born: str = "1985-04-12", sex: str = "2",
    nir: str = "", kind: str = "N", after: str = "",
) -> str:  # fmt: skip
    """A person. `after`: blocks that follow Prestations (resources, activity, pregnancy)."""
    number = f"<NIR>{nir}</NIR>" if nir else ""
    return (
        f"<Personne><Identification><NOM>{name}</NOM><NOMNAI>{name}</NOMNAI><PRENOM>{given}</PRENOM>"
        f"<NOMCOMNAI>VILLE</NOMCOMNAI><DTNAI>{born}</DTNAI><TYPEDTNAI>{kind}</TYPEDTNAI>{number}<SEXE>{sex}</SEXE>"
        "</Identification><DossierCAF><TOPRESPDOS>1</TOPRESPDOS><DDRATDOS>2020-01-01</DDRATDOS></DossierCAF>"
        f"<Prestations><NATPREST>PFA</NATPREST><ROLEPERS>{role}</ROLEPERS><TOPCHAPERS>1</TOPCHAPERS></Prestations>\n"
        f"<Prestations><NATPREST>RSA</NATPREST><ROLEPERS>{role}</ROLEPERS><TOPCHAPERS>1</TOPCHAPERS></Prestations>"
        f"{after}</Personne>"
    )


def dossier(
    matricule: str = "1234567", *, persons: str = "", situation: str = ACCORDE, asked: str = "2024-02-05",
    family: str = "CEL", homeless: str = "0", detail: str = "", commune: str = "93066", organisme: str = "931",
) -> str:  # fmt: skip
    """A dossier in Saint-Denis."""
    return (
        "<InfosFoyerRSA>\n<IdentificationRSA><Organisme><FONORG>CAF</FONORG>"
        f"<NUMORG>{organisme}</NUMORG>\n<MATRICULE>{matricule}00000000</MATRICULE></Organisme><Partenaire>"
        "<TYPEPARTE>CG</TYPEPARTE><IDEPARTE>093</IDEPARTE></Partenaire><DemandeRSA>"
        f"<DTDEMRSA>{asked}</DTDEMRSA><NUMDEMRSA>{matricule}</NUMDEMRSA></DemandeRSA></IdentificationRSA>\n"
        f"{persons or person()}\n<DonneesAdministratives><SituationFamille><SITFAM>{family}</SITFAM>"
        "<DDSITFAM>2019-06-01</DDSITFAM></SituationFamille><Adresse><TroncCommunAdresse><RGADR>01</RGADR>"
        "<PAYS>FRA</PAYS><TYPEADR>D</TYPEADR><ETATADR>CO</ETATADR></TroncCommunAdresse><AdresseDetailleeFrance>"
        "<COMPLIDEADR/><COMPLADR/><NUMVOIE>1</NUMVOIE><LIBTYPEVOIE>RUE</LIBTYPEVOIE><NOMVOIE>DES ESSAIS</NOMVOIE>"
        f"<LIEUDIST/><NUMCOM>{commune}</NUMCOM><CODEPOS>93200</CODEPOS><NOMCOM>SAINT-DENIS</NOMCOM>"
        "</AdresseDetailleeFrance></Adresse></DonneesAdministratives>\n<PrestationRSA><SituationDossierRSA>"
        f"{situation}</SituationDossierRSA><DetailDroitRSA><TroncCommunDroitRSA><TOPSANSDOMFIXE>{homeless}"
        f"</TOPSANSDOMFIXE><ORIDEMRSA>DEM</ORIDEMRSA></TroncCommunDroitRSA>{detail}</DetailDroitRSA></PrestationRSA>\n"
        "</InfosFoyerRSA>\n"
    )


def flow(
    *dossiers: str, announced: int | None = None, anomalies: int = 0, prolog: str = "", nature: str = "D"
) -> bytes:
    """A whole flow of November 2026, encoded in windows-1252. `prolog` goes before the root."""
    count = len(dossiers) if announced is None else announced
    text = (
        f'<?xml version="1.0" encoding="windows-1252"?>\n{prolog}<Racine>\n<IdentificationFlux><APPLIEME>CRI</APPLIEME>'
        f"<NUMVERSIONAPPLIEME>6200</NUMVERSIONAPPLIEME><TYPEFLUX>M</TYPEFLUX><NATFLUX>{nature}</NATFLUX>"
        "<DTCREAFLUX>2026-12-01</DTCREAFLUX><HEUCREAFLUX>01:00:00.0000</HEUCREAFLUX><DTREF>2026-11-30</DTREF>"
        f"</IdentificationFlux>\n{''.join(dossiers)}<TransmissionFlux><NBTOTDOSRSATRANSM>{count:08d}</NBTOTDOSRSATRANSM>"
        f"<NBTOTDOSRSATRANSMANO>{anomalies:08d}</NBTOTDOSRSATRANSMANO></TransmissionFlux>\n</Racine>\n"
    )
    return text.encode("windows-1252")
