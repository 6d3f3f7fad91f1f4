//! Grad-CAM and its relatives by name.

use strum::{Display, EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// How a map is made. Its name is the same on the command line and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[derive(Display, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Method {
    /// Mean gradient of each channel times its activations (Selvaraju et al., 2017)
    #[default]
    GradCam,
    /// Gradient times activation, place by place (Draelos and Carin, 2020)
    #[strum(serialize = "hirescam")]
    HiResCam,
    /// Weights from higher derivatives of the score's exponential (Chattopadhay et al., 2018)
    #[strum(serialize = "grad-cam++")]
    GradCamPlusPlus,
    /// Positive gradient times activation, place by place (Jiang et al., 2021)
    #[strum(serialize = "layercam")]
    LayerCam,
    /// Gradients weighted with the share of the activation they meet (Fu et al., 2020)
    #[strum(serialize = "xgrad-cam")]
    XGradCam,
    /// The activations' first principal component; knows no class (Muhammad and Yeasin, 2020)
    EigenCam,
    /// Each channel weighs what the score is when only its places are left (Wang et al., 2020)
    ScoreCam,
    /// Each channel weighs what the score loses without it (Desai and Ramaswamy, 2020)
    AblationCam,
    /// Gradient by the pixels, cut at each ReLU; fails sanity checks (Springenberg et al., 2015)
    GuidedBackprop,
    /// The same times Grad-CAM, and fails them too (Selvaraju et al., 2017)
    GuidedGradCam,
    /// What speaks against the class: Grad-CAM of the negative gradient (Selvaraju et al., 2017)
    Counterfactual,
    /// Random weights, others for each image: what any method has to beat
    RandomCam,
}

impl Method {
    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::GradCam => "Grad-CAM",
            Self::HiResCam => "HiResCAM",
            Self::GradCamPlusPlus => "Grad-CAM++",
            Self::LayerCam => "LayerCAM",
            Self::XGradCam => "XGrad-CAM",
            Self::EigenCam => "EigenCAM",
            Self::ScoreCam => "Score-CAM",
            Self::AblationCam => "Ablation-CAM",
            Self::GuidedBackprop => "Guided Backprop",
            Self::GuidedGradCam => "Guided Grad-CAM",
            Self::Counterfactual => "counterfactual",
            Self::RandomCam => "Random-CAM",
        }
    }

    /// The name for people where room is scarce.
    pub fn short(self) -> &'static str {
        match self {
            Self::GradCam => "Grad",
            Self::HiResCam => "HiRes",
            Self::GradCamPlusPlus => "Grad++",
            Self::LayerCam => "Layer",
            Self::XGradCam => "XGrad",
            Self::EigenCam => "Eigen",
            Self::ScoreCam => "Score",
            Self::AblationCam => "Ablation",
            Self::GuidedBackprop => "Guided BP",
            Self::GuidedGradCam => "Guided GC",
            Self::Counterfactual => "against",
            Self::RandomCam => "random",
        }
    }

    /// What the map shows about a class, as a title.
    pub fn describe(self, target: &str) -> String {
        match self {
            Self::GradCam => format!("evidence for {target}"),
            Self::Counterfactual => format!("evidence against {target}"),
            Self::EigenCam => format!("{}: of no class", self.title()),
            Self::RandomCam => format!("{}: no evidence", self.title()),
            Self::GuidedBackprop | Self::GuidedGradCam => {
                format!("{} (fails sanity checks)", self.title())
            }
            _ => format!("{}: evidence for {target}", self.title()),
        }
    }

    /// What the positive and the negative values of its uncut map speak for, as a title.
    pub fn describe_signed(self, target: &str, [positive, negative]: [&str; 2]) -> String {
        match self {
            Self::Counterfactual => format!("{positive} against {target}, {negative} for it"),
            Self::EigenCam | Self::RandomCam => self.describe(target),
            _ => format!("{positive} for {target}, {negative} against it"),
        }
    }

    /// Whether what it shows speaks for the class: not against it, and not of no class.
    pub fn speaks_for(self) -> bool {
        !matches!(self, Self::Counterfactual | Self::EigenCam | Self::RandomCam)
    }

    /// The unit of a map's values when the score is a logit; empty where they have none.
    pub fn unit(self) -> &'static str {
        match self {
            Self::GradCam | Self::HiResCam | Self::LayerCam | Self::Counterfactual => " logits",
            _ => "",
        }
    }

    /// The method after this one.
    pub fn next(self) -> Self {
        Self::VARIANTS[(self as usize + 1) % Self::VARIANTS.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_comes_round_and_has_a_name_of_its_own() {
        let mut seen = Vec::new();
        let mut method = Method::default();
        for _ in Method::VARIANTS {
            assert!(!seen.contains(&method.to_string()));
            seen.push(method.to_string());
            assert_eq!(method.to_string().parse(), Ok(method));
            method = method.next();
        }
        assert_eq!(method, Method::default());
    }

    #[test]
    fn the_titles_of_methods_that_fail_sanity_checks_say_so() {
        for &method in Method::VARIANTS {
            let guided = matches!(method, Method::GuidedBackprop | Method::GuidedGradCam);
            assert_eq!(method.describe("3").contains("fails"), guided, "{method:?}");
        }
    }
}
