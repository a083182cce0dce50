"""Canonical records: the six tables into which every partner's file is turned, whatever its format.

A person is named by `source_key`, a keyed hash of partner and partner number that says nothing outside this store.
No table holds a name, an address or a NIR: those go to the identity vault. Months are text `YYYY-MM`, amounts are
euros, null is unknown.
"""

from __future__ import annotations

import polars as pl

TABLES: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    # A person as one partner knows them. `dossier_key` groups the persons of one partner file (famille or foyer).
    "personnes": {
        "source_key": pl.String,
        "dossier_key": pl.String,  # null: the partner does not say with whom the person lives
        "role": pl.String,  # demandeur | conjoint | enfant | autre
        "date_naissance": pl.Date,
        "date_deces": pl.Date,
        "nationalite": pl.String,  # FR | UE | HUE (outside the Union)
        "titre_sejour_depuis": pl.Date,
        "situation_familiale": pl.String,  # celibataire | marie | pacse | concubin | divorce | separe | veuf
        "situation_familiale_depuis": pl.Date,
        "activite": pl.String,  # actif | independant | apprenti | chomeur | etudiant | retraite | inactif
        "scolarite": pl.String,  # enum names of OpenFisca's scolarite
        "etablissement": pl.String,  # enum names of OpenFisca's statuts_etablissement_scolaire
        "grossesse_terme": pl.Date,
        "taux_incapacite": pl.Float64,  # 0 to 1
        "restriction_emploi": pl.Boolean,
        "inapte_travail": pl.Boolean,
        "garde_alternee": pl.Boolean,
        "rattache_fiscalement": pl.Boolean,
        # Whether the vault holds what each of CHANNELS needs, never what it holds. Null: the partner does not say.
        "reach_letter": pl.Boolean,
        "reach_phone": pl.Boolean,
        "reach_sms": pl.Boolean,
        "reach_email": pl.Boolean,
    },
    # A partner's file about a famille or foyer: dwelling and administrative state.
    "dossiers": {
        "dossier_key": pl.String,
        "code_insee": pl.String,
        "identifiant_logement": pl.String,  # keyed; two dossiers with the same value share a dwelling
        "statut_logement": pl.String,  # enum names of OpenFisca's statut_occupation_logement
        "loyer": pl.Float64,
        "charges": pl.Float64,
        "colocation": pl.Boolean,
        "chambre": pl.Boolean,
        "etat": pl.String,  # actif | pieces_manquantes | suspendu | radie
        "pieces_manquantes": pl.String,
        "suivi_social": pl.Boolean,
        "quotient_familial": pl.Float64,
        "derniere_declaration_on": pl.Date,
        "declaration_attendue_on": pl.Date,
    },
    # Income of a person: one row per period and nature (`nature` of population.inputs.INCOMES).
    "ressources": {
        "source_key": pl.String,
        "period": pl.String,  # YYYY-MM, or YYYY for a tax year
        "nature": pl.String,
        "brut": pl.Float64,
        "net": pl.Float64,
        "imposable": pl.Float64,
    },
    # What was really paid: one row per dossier (or person) x month x benefit.
    "paiements": {
        "dossier_key": pl.String,
        "source_key": pl.String,  # set when the benefit is personal (AAH, ASI...)
        "prestation": pl.String,  # an id of the catalogue of rights, or another lower-case code
        "month": pl.String,
        "montant": pl.Float64,
    },
    # A right with a state and an end: CSS, Améthyste, APA, domiciliation, RSA dossier...
    "droits": {
        "source_key": pl.String,
        "dossier_key": pl.String,
        "prestation": pl.String,
        "etat": pl.String,  # accorde | en_attente | pieces_manquantes | refuse | suspendu | radie | fini
        "motif": pl.String,  # the partner's own code of suspension, refusal or end
        "debut_on": pl.Date,
        "fin_on": pl.Date,
        "montant": pl.Float64,
    },
    # A fact that calls for attention: arrears, rent certificate, indecent dwelling, no médecin traitant...
    "signaux": {
        "source_key": pl.String,
        "dossier_key": pl.String,
        "signal": pl.String,
        "since_on": pl.Date,
        "montant": pl.Float64,
        "detail": pl.String,  # a code, never free text
    },
}
"""Name of the canonical table -> its columns and types, in order."""

IDENTITY_COLUMNS = (
    "nir", "nir_hmac", "nom_naissance", "nom_usage", "prenoms", "date_naissance", "sexe", "commune_naissance",
    "code_insee", "code_postal", "adresse", "telephone", "courriel",
)  # fmt: skip
"""Columns that a format hands to the identity vault, and to nothing else (date of birth and code_insee: also kept).

A new one goes to the end: identities sealed before it have fewer values.
"""

CHANNELS = {"letter": "adresse", "phone": "telephone", "sms": "telephone", "email": "courriel"}
"""How a person may be reached -> the identity column that it takes. Each has its column `reach_...` in `personnes`."""
